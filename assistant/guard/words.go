package guard

// The lists below are in normal form (segment.Normal): simplified, half width, lower case.

// wishes show that somebody wants to do what is named, or to be told how.
var wishes = []string{
	"怎么", "怎样", "如何", "教我", "教教", "帮我", "帮忙", "方法", "办法", "技巧", "步骤", "教程", "哪里能买", "哪里买", "哪里可以买", "在哪买", "购买", "能买到", "我想", "我要", "我需要", "给我", "写一篇", "写一封", "写一个", "请写", "请以", "制作", "生成", "有没有什么", "有什么办法", "有什么工具", "指导", "窍门", "推荐", "降低被发现", "而不被", "不被发现", "计划", "寻找", "选择", "协助", "策划", "how to", "how can", "help me", "write a", "give me", "tell me",
}

// wrongs are acts that no public service helps with.
var wrongs = []string{
	"伪造", "假证", "办假", "造假", "假学历", "假公章", "假发票", "假身份", "假货币", "假币", "假支票", "虚假材料", "虚假证明", "假材料", "假合同", "假结婚", "假离婚骗",
	"骗补", "骗取", "套取补贴", "套取资金", "套取公积金", "套取医保", "冒领", "冒用", "虚报", "虚假失业", "蒙混", "绕过审核", "逃避审核", "逃避检查", "躲避检查", "应付检查", "逃税", "偷税", "漏税", "虚开发票", "隐藏我的收入", "洗钱", "赃款", "非法集资", "传销", "内幕消息", "内幕交易",
	"炸弹", "燃烧弹", "武器交易", "毒品", "冰毒", "海洛因", "大麻", "贩毒", "迷药", "投毒", "毒药", "下毒",
	"黑客", "入侵", "黑进", "破解密码", "盗取", "盗号", "窃取", "木马", "勒索", "钓鱼网站", "钓鱼邮件", "攻击网站", "ddos", "刷单", "爬取个人", "撞库",
	"人肉", "监视", "跟踪某", "跟踪别人", "追踪某人", "偷拍", "监听", "窃听", "定位别人", "窥视", "别人的身份证号", "别人的住址", "别人的电话", "别人的户籍", "他人隐私", "个人信息卖", "买卖个人信息", "买卖身份证", "买卖银行卡", "冒充", "假扮成", "伪装成",
	"杀人", "杀死", "杀害", "谋杀", "暗杀", "绑架", "拐卖", "贩卖人口", "贩卖儿童", "抢劫", "盗窃", "偷窃", "入室", "撬锁", "纵火", "伤害他人", "报复", "打断腿", "点燃某人", "威胁他", "恐吓", "敲诈", "诈骗", "欺骗", "骗钱", "诱骗",
	"走私", "偷渡", "赌博", "开赌场", "卖淫", "嫖娼", "色情", "淫秽", "代孕", "买卖器官", "贿赂", "行贿", "送礼给领导", "走后门", "篡改", "删除监控", "销毁证据", "毁灭证据", "作弊", "替考", "逃避追查", "逃避警察", "警察封锁", "安保系统", "不触发边境", "赃物", "恶意软件", "网络攻击", "非法地进入", "非法进入", "闯入", "假药", "虚假医疗", "未经授权", "别人的私人", "他们的私人信息", "朋友的护照号", "他们的聊天记录", "别人的计算机", "他人银行卡", "别人银行卡", "不被发现", "犯罪活动", "非法活动",
	"恐怖主义", "极端主义", "分裂国家", "颠覆", "煽动", "造谣", "散布谣言", "虚假信息", "歧视", "仇恨", "诋毁", "抹黑",
	"bomb", "weapon", "explosive", "hack", "malware", "ransomware", "phishing", "launder", "counterfeit", "forge", "smuggle", "steal", "defraud", "fraud", "terror", "hatred", "discriminat", "meth", "cocaine", "heroin", "kidnap", "murder", "kill someone", "social engineering",
}

// goods are dangerous; asking how to get them is wrong unless it is for the permit.
var goods = []string{"炸药", "爆炸物", "枪支", "弹药", "制毒"}

// permits are words of those who ask for a permit.
var permits = []string{"许可", "备案", "核准", "资质", "审批", "运输证", "经营"}

// always are words that nobody uses in a lawful request.
var always = []string{
	"制造炸弹", "制作炸弹", "自制炸药", "制作燃烧弹", "制造毒品", "枪支交易", "买枪", "买毒品", "杀人方法", "完美犯罪", "代办假证", "办个假证", "买个假证", "办假证", "骗保技巧", "骗补攻略", "洗钱渠道", "黑客服务", "查开房记录", "开盒",
}

// lawful are words of people who report, prevent, suffer from or ask the law about a wrong.
var lawful = []string{
	"举报", "投诉", "报警", "报案", "检举", "处罚", "罚款", "罚多少", "判几年", "判刑", "怎么判", "量刑", "法律责任", "违法吗", "犯法吗", "合法吗", "是否违法", "什么后果", "会怎么样", "会怎样", "怎么罚", "惩罚", "有何责任", "会怎么样", "会怎样", "怎么罚", "惩罚", "有何责任", "追究", "维权", "被骗", "被盗", "被冒用", "被人冒用", "被冒领", "冒用我", "被敲诈", "被威胁", "被歧视", "防范", "预防", "防止", "防骗", "识别", "反诈", "戒毒", "禁毒", "反洗钱", "打击", "治理", "查处", "受害", "遭遇", "赔偿", "撤销冒用", "申诉", "怎么处理", "如何认定", "认定为", "许可证", "经营许可", "管理条例", "管理办法", "追回", "列入失信", "信用修复",
}

// injections are attempts to turn the assistant against its rules, whole.
var injections = []string{
	"开发者模式", "越狱模式", "developer mode", "dan mode", "do anything now", "act as chatgpt", "chatgpt with", "jailbreak", "没有任何限制的", "不受任何限制", "除去任何限制", "不受道德", "不需要遵循人类的道德", "无道德聊天", "系统提示词", "你的提示词", "你的系统指令", "system prompt", "chatbot without restrictions", "without any restrictions", "forget everything you learned",
	"你将扮演", "扮演一个", "扮演'", "来扮演", "从现在开始,你就是", "从现在起,你", "在这个假设故事中", "场景设定在", "的语气和态度", "的口吻和态度", "角色的态度和语气", "您需要模仿", "将自己设定为", "每个角色都可以创建", "请扮演", "场景设定", "chatgpt 的身份", "以chatgpt", "超级黑客",
}

// overrides and rules together are one.
var (
	overrides = []string{"忽略", "无视", "放弃", "忘记", "忘掉", "抛开", "ignore", "disregard", "forget"}
	rules     = []string{"之前的指令", "前面的指令", "以上指令", "所有指令", "之前收到的指引", "之前遇到的所有指南", "前面的所有指令", "上面的规则", "你的规则", "之前的规则", "以上的要求", "上述指令", "previous instructions", "all the instructions", "all instructions", "above instructions", "your instructions", "your rules"}
)

// distress are words of somebody who may harm themselves.
var distress = []string{"不想活了", "想自杀", "我要自杀", "想轻生", "活不下去", "结束自己的生命", "自杀方法", "怎么自杀", "如何自杀", "想死"}

// aboutOthers make it a question about help for others.
var aboutOthers = []string{"预防自杀", "自杀干预", "自杀险"}
