package guide

import "strings"

// lay are words of everyday speech with the words that rules use for the same thing. One direction
// only: a rule about 交通补贴 takes up a question about 路费, not the other way round. Words that
// mean the same in both directions are synonyms of the search (retrieval/segment).
var lay = []struct{ said, written []string }{
	{[]string{"路费", "车票", "车费", "来回路费", "机票"}, []string{"交通补贴", "交通票据", "交通费"}},
	{[]string{"店面", "门面", "铺面", "店铺", "门店"}, []string{"经营场地", "场地", "经营场所"}},
	{[]string{"便宜", "优惠"}, []string{"减免", "优惠", "折", "减征", "免收"}},
	{[]string{"买票", "车费钱"}, []string{"乘车", "购票", "票价"}},
	{[]string{"要出", "自己出"}, []string{"个人缴费", "个人缴纳", "自付", "自负", "承担"}},
	{[]string{"房租", "租金"}, []string{"租金", "房租", "租房", "租赁"}},
	{[]string{"办照", "执照"}, []string{"营业执照", "设立登记"}},
	{[]string{"迁户口", "户口迁", "迁过来", "上户口", "入户"}, []string{"落户", "迁入", "户口登记"}},
	{[]string{"户口"}, []string{"落户", "户籍", "户口", "入户"}},
	{[]string{"外地户口", "没有本市户口", "非本地户口", "没有户口", "外地"}, []string{"随迁", "非本市户籍", "市外", "省外", "不受户籍", "居住证"}},
	{[]string{"小孩", "孩子", "娃", "宝宝"}, []string{"子女", "儿童", "未成年", "新生儿", "学生", "入学"}},
	{[]string{"读一年级", "上小学", "读小学", "念小学"}, []string{"小学", "义务教育"}},
	{[]string{"老人", "老人家", "外婆", "奶奶", "爷爷"}, []string{"老年人", "高龄"}},
	{[]string{"养老院", "敬老院"}, []string{"养老机构"}},
	{[]string{"坐公交", "公交车", "乘公交", "公交"}, []string{"乘车", "公共汽电车", "公交"}},
	{[]string{"买新房", "买房", "新房"}, []string{"购房", "购买新建商品住房", "购买首套新建商品住房", "新建商品住房"}},
	{[]string{"掉了", "丢了", "弄丢", "不见了", "丢失"}, []string{"遗失", "补领", "补发", "丢失"}},
	{[]string{"换法定代表人", "换法人", "法人换", "改名字", "换股东"}, []string{"变更"}},
	{[]string{"开公司", "办公司", "注册公司", "开店", "开厂"}, []string{"设立", "企业开办", "创业"}},
	{[]string{"打卡里", "打到卡", "到账", "发到卡"}, []string{"发放", "拨付", "划转"}},
	{[]string{"交社保", "缴社保", "社保"}, []string{"社会保险", "养老保险"}},
	{[]string{"失业金", "失业补助"}, []string{"失业保险金"}},
	{[]string{"看病", "看门诊"}, []string{"门诊", "就医", "就诊"}},
	{[]string{"报销"}, []string{"支付", "报销"}},
	{[]string{"起付线", "门槛费"}, []string{"起付标准"}},
	{[]string{"利息", "贴息"}, []string{"贴息", "利息"}},
	{[]string{"房子"}, []string{"住房", "房屋", "不动产"}},
	{[]string{"外国人", "老外"}, []string{"外籍", "外国人"}},
	{[]string{"意外险"}, []string{"意外伤害保险"}},
	{[]string{"出钱", "掏钱", "买单"}, []string{"费用", "承担", "负担", "出资"}},
	{[]string{"坐车", "乘车"}, []string{"乘车", "公交"}},
	{[]string{"去世", "过世", "死了"}, []string{"死亡"}},
	{[]string{"单独"}, []string{"另行", "单独", "一并", "分别"}},
	{[]string{"多了", "太多"}, []string{"超过", "超出"}},
	{[]string{"录取"}, []string{"录取", "派位", "入学"}},
	{[]string{"退钱", "退回来"}, []string{"退还", "退回", "追回"}},
	{[]string{"百岁"}, []string{"100周岁", "百岁"}},
	{[]string{"送几", "白送"}, []string{"免费提供", "免费"}},
	{[]string{"房产证", "房本"}, []string{"不动产权证"}},
	{[]string{"个体户"}, []string{"个体工商户"}},
	{[]string{"老板", "自己创业", "创业开店"}, []string{"创业", "自主创业", "经营者"}},
	{[]string{"拿证", "证书"}, []string{"证书", "等级"}},
	{[]string{"要钱", "花钱"}, []string{"收费", "费"}},
	{[]string{"换成钱", "折成钱", "换钱", "折现", "变现"}, []string{"兑换现金", "现金"}},
	{[]string{"补钱", "给钱", "发钱"}, []string{"补贴", "补助", "津贴"}},
	{[]string{"公务员"}, []string{"公务员", "机关"}},
	{[]string{"封顶"}, []string{"最高", "不超过"}},
}

// layWord is an everyday word at the runes [from, to) of a text, with the words that rules use.
type layWord struct {
	from, to int // runes
	written  []string
}

// layWords finds the everyday words of a text.
func layWords(text string) []layWord {
	var found []layWord
	for _, l := range lay {
		for _, w := range l.said {
			if i := strings.Index(text, w); i >= 0 {
				from := len([]rune(text[:i]))
				found = append(found, layWord{from, from + len([]rune(w)), l.written})
			}
		}
	}
	return found
}

// written returns the words that rules use for the everyday words of chunks.
func written(chunks []chunk) string {
	var words []string
	for _, c := range chunks {
		for _, w := range c.lay {
			words = append(words, w.written...)
		}
	}
	return strings.Join(words, " ")
}

// asking returns the chunks that are not background.
func asking(chunks []chunk) []chunk {
	var found []chunk
	for _, c := range chunks {
		if !c.background {
			found = append(found, c)
		}
	}
	return found
}
