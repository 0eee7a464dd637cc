package guide

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// handover is a wish that no document can fulfil, with the reason and where to turn to.
type handover struct {
	pattern *regexp.Regexp
	unless  *regexp.Regexp // makes it a question after all
	words   string
	asks    []ask // the fields of the item in question that tell where to turn to; nil for none
}

// nothing is matched by no text.
var nothing = regexp.MustCompile(`^\b$`)

func anyOf(patterns ...string) *regexp.Regexp { return regexp.MustCompile(strings.Join(patterns, "|")) }

var emergency = &handover{
	anyOf(`(?:着火|起火|失火)了`, `发生火灾`, `家里.{0,4}着火`, `燃气泄漏`, `煤气泄漏`, `救命`, `出车祸了`, `(?:走失|走丢|失踪)了`,
		`(?:晕倒|昏迷|昏倒|抽搐|心脏病发作|中毒|大出血|溺水|摔伤)了?(?:怎么办|，|。|！|快|$)`,
		`(?:有人|正在|在|被).{0,4}(?:打人|砸门|被打|家暴|跳楼|跟踪我|持刀|打我)`),
	anyOf(`补贴|补助|赔偿|理赔|保险|认定|鉴定|证明|报销|救助金|材料|申请|预案|许可|验收`),
	"听起来情况紧急，我不能代您报警或者呼救。请马上拨打：报警110，火警119，急救120。确认安全以后，有办事问题再来问我。", nil,
}

var person = &handover{
	anyOf(`转人工`, `人工(?:客服|服务|坐席|座席|咨询)`, `找(?:个|一个)?(?:真人|人工|活人|客服)`, `接人工`, `叫(?:个)?人来`, `真人客服`,
		`(?:要|想|跟|和)(?:真人|人工|工作人员|客服)(?:说|聊|讲|沟通|对话|通话|谈)?`),
	anyOf(`真人吗|人工智能|人工耳蜗|人工流产|人工繁育|人工影响|是真人|是人工`),
	"我这里没有人工坐席，不能直接转接。", []ask{askPhone, askPlace},
}

var staff = &handover{
	anyOf(`(?:态度|服务)(?:很|太|非常|特别|极其|真|实在)?(?:差|恶劣|不好|蛮横)`, `刁难|推诿|踢皮球|吃拿卡要|不作为|乱收费|索贿|骂人|骂我|收红包|摆脸色`,
		`(?:投诉|举报)(?:一下)?(?:你们)?.{0,6}(?:工作人员|窗口|办事员|干部|科长|主任|领导|民警|社区的人)`, `^我?(?:要|想)投诉[吧啊了。！!]*$`),
	anyOf(`怎么处罚|什么处罚|有什么规定|如何认定`),
	"您反映的是工作人员或者服务方面的问题，我不能受理和处理投诉。请拨打12345政务服务便民热线反映；涉及违纪违法的，可以拨打12388举报电话。", []ask{askComplaint},
}

// ownCase is the state of a case of the asker's own, which no document holds.
var ownCase = &handover{
	anyOf(`(?:我|我们|我家|我妈|我爸|本人)[^，。？?]{0,16}(?:批了没|批了吗|到哪一?步|什么进度|进度怎么样|进度如何|发了(?:没|吗)|受理了(?:没|吗)|(?:批下来|通过|审核完|审核好|办好|下来|到账)了?(?:没|吗))`,
		`(?:查|查询|查查|看|看看|查一下|看一下|查下)(?:一?下)?我的?[^，。？?]{0,10}(?:进度|余额|积分|状态|记录|结果|欠费|缴费|账户|有没有)`,
		`我[^，。？?]{0,14}(?:怎么|为什么|为何|咋)还?(?:没有?|不)(?:到账|发|批|下来|通过|收到|审核)`,
		`(?:为什么|为何|怎么)[^，。？?]{0,4}我[^，。？?]{0,12}(?:没有?|不)(?:到账|发|批|下来|通过|收到|审核)`,
		`(?:为什么|怎么)(?:不给我|给我拒|拒绝我|驳回我|我的.{0,10}(?:被拒|被退|没通过|不通过))`,
		`我(?:还)?(?:有|剩)多少(?:公积金|积分|余额)`, `我交的材料.{0,6}(?:收到|批)`),
	nothing,
	"您问的是个人办理的进度或者账户情况，我看不到个人的办件和账户信息。请凭受理回执或者身份证件，到提交申请的平台或者受理窗口查询，也可以拨打12345政务服务便民热线。", []ask{askPhone, askOnline, askPlace},
}

// inMyPlace asks for an act that only the asker can do.
var inMyPlace = &handover{
	anyOf(`(?:你|小越)[^，。？?]{0,4}(?:替|帮|代)我们?(?:直接)?(?:提交|申请|办理|办一下|办|预约|填|报名|缴|取号|挂号|登记)`,
		`^(?:请)?(?:帮|替)我(?:提交|申请一下|办理一下|办一下|预约|填一下|取个?号|挂号|报名)`),
	anyOf(`怎么|如何|材料|条件|流程|多少|什么|哪些`),
	"我不能替您提交申请、预约或者办理，要由您本人或者您委托的人来办。", []ask{askOnline, askPlace, askPhone},
}

// handovers in the order in which they are looked for.
var handovers = []*handover{emergency, person, staff, ownCase, inMyPlace}

// disputes are matters of a single case between people, on which nothing but a lawyer, an arbitrator
// or a court can say; where no evidence is found the hand-over says so.
var disputes = []foreign{
	{[]string{"起诉", "打官司", "仲裁", "纠纷", "拖欠工资", "欠薪", "不发工资", "违法辞退", "被辞退", "抚养权", "财产分割", "遗产", "借钱不还", "欠条", "律师", "侵权", "精神损失"}, nil},
}

// wordsDispute is the hand-over of a dispute.
const wordsDispute = "您说的是具体的法律纠纷，在已收录的文件里没有查到依据，我不能判断个案的对错和结果。法律问题可以拨打12348公共法律服务热线，劳动争议可以拨打12333，或到当地公共法律服务中心、劳动人事争议仲裁委员会咨询。"

// lookups ask where the state of a case of one's own can be seen.
var lookups = regexp.MustCompile(`我的?[^。？?]{0,24}(?:哪里|哪儿|怎么|如何|什么地方)(?:可以|能)?(?:查|看)`)

// handoverOf returns the hand-over that a question asks for, nil for none.
func handoverOf(question string) *handover {
	i := slices.IndexFunc(handovers, func(h *handover) bool {
		return h.pattern.MatchString(question) && !h.unless.MatchString(question)
	})
	if i < 0 {
		return nil
	}
	return handovers[i]
}

// handOver says why a person is needed and where to find one: the line and the window of the item
// that the turn or the one before it is about, where there is one for the place, else the hotline.
func (g *Guide) handOver(ctx context.Context, turn kb.Turn, question string, h *handover, r *reply) (kb.Outcome, error) {
	r.say(h.words)
	if h.asks == nil {
		return kb.HandedOver, nil
	}
	if h.asks[0] == askPhone {
		r.say(wordsHotline)
	}
	for _, about := range []string{question, g.threadOf(turn.History).question} {
		if about == "" {
			continue
		}
		q, err := g.queryOf(about, turn, r.answer.AsOf)
		if err != nil {
			return "", err
		}
		found, err := g.matchItems(ctx, q.readings[0], q.scope)
		if err != nil {
			return "", err
		}
		if len(found) > 0 && found[0].certain() && standsAlone(found) {
			g.speakItem(found[0].item, fieldsFor(h.asks, ""), q, r)
			break
		}
	}
	return kb.HandedOver, nil
}

// leavesMatter reports whether a hand-over is apart from the matter talked about; the state of a case
// and an act in it are of that matter.
func leavesMatter(h *handover) bool { return h != nil && h != ownCase && h != inMyPlace }
