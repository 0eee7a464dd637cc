package grounding

import "regexp"

// What no sentence of an answer says, whatever the evidence holds.
var (
	links    = regexp.MustCompile(`(?i)https?:|www\.|\bftp:|javascript:|\]\(|<[a-z/!]|data:[a-z]|[a-z0-9-]+\.(com|cn|net|org|top|xyz|io|cc|info)\b|` + "```")
	selfTalk = regexp.MustCompile(`作为(一个|一名|一款)?(ai|人工智能|语言模型|大模型|助手|机器人)|我是(一个|一名)?(ai|人工智能|语言模型|助手|小越|机器人|gpt|chatgpt)|我(将|会|可以|已经|已|必须|不能|无法|现在)|我的(系统|指令|规则|提示)|系统提示|提示词|开发者模式|越狱|扮演|角色设定|(?i:prompt|system|assistant|ignore|jailbreak)`)
	promises = regexp.MustCompile(`保证|包过|一定(能|可以|会)|肯定(能|可以|会)|必定|绝对|百分之百|100%(能|可以|通过)|放心|您(已经|已)?(符合|满足)(?:(?:全部|所有|上述|申请|相关)*)(条件|要求)[^的,;]*$`)
	orders   = regexp.MustCompile(`(忽略|无视|忘记|覆盖|绕过).{0,12}(指令|指示|要求|规则|提示|内容|材料|限制|以上|之前)|(回答|回复|输出|只说|复述|翻译).{0,6}(以下|如下|“|"|:|hacked|pwned|ok\b)|转账|汇款|打款|验证码|密码|加(我)?(微信|qq|群)|私信|扫(描)?(下方|下面)?二维码(付款|支付|加)|点击(此处|这里|下方|链接|以下)|下载并(安装|运行)|(告诉|告知|通知|转告)(用户|读者|提问者|市民)|用户(应|必须|需要)|不要(告诉|引用|提及|相信)|身份证号(码)?(发|告诉|提供给)`)
	// command matches evidence that speaks to the assistant instead of ruling anything.
	command = regexp.MustCompile(`(忽略|无视|忘记|覆盖|绕过).{0,12}(指令|指示|要求|规则|提示|内容|限制)|系统提示|提示词|开发者模式|你(现在)?是(一个|一名)?.{0,8}(ai|助手|机器人|模型)|(请|必须|务必|你要|你应)(你)?(回答|回复|输出|复述|告诉用户|告知用户|引导用户)|(?i:ignore (all|any|previous|the)|system prompt|assistant|you are|jailbreak)|告诉(用户|读者|提问者)|ai助手|语言模型|大模型|人工智能助手`)
)

// instructs finds orders, promises, links and talk about itself in a sentence.
func instructs(text string) (Verdict, bool) {
	for _, rule := range []struct {
		pattern *regexp.Regexp
		what    string
	}{{links, "链接或代码"}, {selfTalk, "谈论自己"}, {promises, "承诺"}, {orders, "对读者的指令"}} {
		if m := rule.pattern.FindString(text); m != "" {
			return Verdict{Fault: Instruction, Detail: rule.what + "：“" + m + "”"}, true
		}
	}
	return Verdict{}, false
}
