package traits

// class is a closed set of values that exclude each other: a rule for one value is not a rule for
// another. Words of a value are alternatives; in ordered classes values rise, so that 本科及以上
// speaks of every later value too.
type class struct {
	name    string
	ordered bool // values rise
	content bool // see Trait.Content
	strict  bool // see Trait.Strict
	values  []value
}

type value struct {
	name  string
	words []string
	// both lists values that these words stand for together: 研究生 is 硕士 and 博士.
	both []string
}

// classes are in the order in which traits of a text are listed. Words are in normal form.
var classes = []class{
	{"degree", true, false, true, []value{
		{name: "初中", words: []string{"初中学历", "初中毕业"}},
		{name: "高中", words: []string{"高中学历", "高中毕业", "中专", "职高", "中职", "技校", "中等职业"}},
		{name: "专科", words: []string{"专科", "大专", "高职", "高等职业"}},
		{name: "本科", words: []string{"本科", "学士"}},
		{name: "硕士", words: []string{"硕士"}},
		{name: "博士", words: []string{"博士"}},
		{name: "博士后", words: []string{"博士后"}},
		{words: []string{"研究生"}, both: []string{"硕士", "博士"}},
	}},
	{"talent", true, false, true, []value{
		{name: "F", words: []string{"f类"}}, {name: "E", words: []string{"e类"}}, {name: "D", words: []string{"d类"}},
		{name: "C", words: []string{"c类"}}, {name: "B", words: []string{"b类"}}, {name: "A", words: []string{"a类"}},
	}},
	{"skill", true, false, true, []value{
		{name: "初级工", words: []string{"初级工", "五级"}}, {name: "中级工", words: []string{"中级工", "四级"}},
		{name: "高级工", words: []string{"高级工"}}, {name: "技师", words: []string{"技师"}}, {name: "高级技师", words: []string{"高级技师"}},
		{name: "特级技师", words: []string{"特级技师"}}, {name: "首席技师", words: []string{"首席技师"}},
	}},
	{"title", true, false, true, []value{
		{name: "初级职称", words: []string{"初级职称", "初级专业技术"}}, {name: "中级职称", words: []string{"中级职称", "中级专业技术"}},
		{name: "副高", words: []string{"副高"}}, {name: "正高", words: []string{"正高"}},
	}},
	{"child", false, false, false, []value{
		{name: "一孩", words: []string{"一孩", "第一个孩子", "头胎", "一胎"}}, {name: "二孩", words: []string{"二孩", "第二个孩子", "二胎", "老二"}},
		{name: "三孩", words: []string{"三孩", "第三个孩子", "三胎", "老三"}},
	}},
	{"school", false, false, true, []value{
		{name: "幼儿园", words: []string{"幼儿园", "学前"}}, {name: "小学", words: []string{"小学", "一年级"}}, {name: "初中", words: []string{"初中", "七年级"}},
		{name: "普高", words: []string{"普通高中", "上高中", "高一"}},
	}},
	{"house", false, false, false, []value{
		{name: "首套", words: []string{"首套", "第一套", "首次购买"}}, {name: "二套", words: []string{"二套", "第二套"}}, {name: "三套", words: []string{"三套", "第三套"}},
	}},
	{"payer", false, false, false, []value{
		{name: "单人", words: []string{"单人", "单身", "一个人缴", "单方"}}, {name: "夫妻", words: []string{"夫妻", "夫妇", "两口子", "双方"}},
	}},
	{"hospital", false, false, false, []value{
		{name: "一级医院", words: []string{"一级医", "社区医院", "社区卫生", "基层医疗"}}, {name: "二级医院", words: []string{"二级医"}}, {name: "三级医院", words: []string{"三级医", "三甲"}},
	}},
	{"study", false, true, false, []value{
		{name: "全日制", words: []string{"全日制"}}, {name: "非全日制", words: []string{"非全日制", "在职研究生", "函授", "自考", "成人教育"}},
	}},
	{"care", false, true, false, []value{
		{name: "门诊", words: []string{"门诊"}}, {name: "住院", words: []string{"住院"}}, {name: "急诊", words: []string{"急诊"}},
	}},
	{"insured", false, true, false, []value{
		{name: "职工", words: []string{"职工医保", "职工基本医疗", "职工养老", "职工基本养老"}}, {name: "居民", words: []string{"居民医保", "居民基本医疗", "居民养老", "居民基本养老"}},
	}},
	{"working", false, false, false, []value{
		{name: "在职", words: []string{"在职职工", "医保在职", "在职人员"}}, {name: "退休", words: []string{"退休"}},
	}},
	{"run by", false, true, false, []value{
		{name: "公办", words: []string{"公办"}}, {name: "民办", words: []string{"民办"}},
	}},
	{"age group", false, false, false, []value{
		{name: "成年", words: []string{"成年居民", "成年人", "大人"}}, {name: "未成年", words: []string{"未成年", "小孩", "儿童", "学生", "少儿", "孩子"}},
		{name: "新生儿", words: []string{"新生儿", "刚出生", "宝宝"}},
	}},
	{"filing", false, true, false, []value{
		{name: "设立", words: []string{"设立", "开办", "新办", "注册", "成立"}}, {name: "变更", words: []string{"变更", "更换法", "换法定代表人", "换法人", "换股东", "改名", "换地址"}},
		{name: "注销", words: []string{"注销", "关掉", "关闭公司", "不开了"}}, {name: "延续", words: []string{"延续", "续期", "延期"}},
		{name: "补领", words: []string{"补领", "补办", "补发", "丢了", "掉了", "丢失", "不见了", "遗失", "挂失", "补卡"}}, {name: "换领", words: []string{"换领", "换发", "换证", "换卡", "坏了", "损坏"}},
		{name: "首次", words: []string{"首次申领", "初次申领", "新申领"}},
	}},
	{"applicant", false, false, false, []value{
		{name: "个体", words: []string{"个体工商户", "个体户"}}, {name: "合作社", words: []string{"合作社"}}, {name: "企业", words: []string{"企业", "公司"}},
	}},
}
