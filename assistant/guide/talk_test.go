package guide

import "testing"

func TestHandoverOf(t *testing.T) {
	for _, c := range []struct {
		question string
		want     *handover
	}{
		{"转人工", person},
		{"我要找真人客服", person},
		{"能不能跟工作人员说", person},
		{"你是真人吗", nil},
		{"人工耳蜗手术有补助吗", nil},
		{"我家着火了怎么办", emergency},
		{"有人晕倒了，快来", emergency},
		{"中毒了怎么办", emergency},
		{"老人走失了", emergency},
		{"工地着火了，赔偿找谁", nil},
		{"工作中摔伤了怎么认定工伤", nil},
		{"窗口工作人员态度恶劣", staff},
		{"办事员一直推诿", staff},
		{"我要投诉", staff},
		{"公积金中心的投诉电话是多少", nil},
		{"我的补贴批了没有", ownCase},
		{"我妈的高龄津贴到账了吗", ownCase},
		{"帮我查一下我的公积金余额", ownCase},
		{"为什么我的租房补贴还没发", ownCase},
		{"我的申请怎么还没通过", ownCase},
		{"材料交上去几天能批下来", nil},
		{"补贴几号到账", nil},
		{"我2024年就审核通过了，现在能按新标准领吗", nil},
		{"我的社保断了还能领吗", nil},
		{"你能帮我提交申请吗", inMyPlace},
		{"帮我预约一下", inMyPlace},
		{"怎么委托别人帮我办理", nil},
	} {
		t.Run(c.question, func(t *testing.T) {
			if got := handoverOf(c.question); got != c.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTalkReply(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	for _, c := range []struct {
		question string
		want     bool
	}{
		{"你是谁", true}, {"你是真人还是机器人啊？", true}, {"谁开发的你", true}, {"你用的是什么大模型", true}, {"你说的可信吗", true},
		{"会不会泄露我的隐私", true}, {"你不能做什么", true}, {"会说英语吗", true}, {"你真没用", true}, {"答非所问", true},
		{"谢谢你，辛苦了", true}, {"你好", true}, {"好的，知道了", true}, {"再见", true},
		{"你好，居住证怎么办", false}, {"谢谢，那要带什么材料", false}, {"英文版营业执照怎么办", false}, {"居住证没用了要注销吗", false},
		{"个人信息变更要什么材料", false}, {"机器人产业补贴有多少", false}, {"外语培训补贴", false}, {"对办理结果不满意怎么投诉", false},
	} {
		t.Run(c.question, func(t *testing.T) {
			if _, got := g.talkReply(withoutOpening(c.question)); got != c.want {
				t.Errorf("small talk: %v", got)
			}
		})
	}
}
