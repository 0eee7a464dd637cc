package guide

import (
	"testing"

	"xiaoyue/kb"
)

// TestTwins asks the sample for things whose names share words with those of its items: none may be
// answered from the item, and those that are the item's own in other words must be.
func TestTwins(t *testing.T) {
	a := openSample(t)
	g := a.guide(t, "339900", nil)
	for _, c := range []struct{ question, item string }{
		{"公租房租赁补贴在哪申请", ""}, {"公租房租赁补贴要什么材料", ""}, {"困难家庭生活补贴在哪申请", ""}, {"居住证明在哪开", ""}, {"居住证明要什么材料", ""},
		{"医保卡在哪办", ""}, {"个体工商户设立登记要什么材料", ""}, {"外资公司设立登记要什么材料", ""}, {"公司分立登记要什么材料", ""},
		{"购房提取公积金要什么材料", ""}, {"新房过户要什么材料", ""}, {"农民专业合作社注销登记要什么材料", ""},
		{"大学生购房补贴在哪申请", "人才购房补贴申领"}, {"毕业生租房补贴申请要带什么材料", "人才租房补贴申领"}, {"社保卡丢了在哪补", "社会保障卡补领"},
		{"注册公司要什么材料", "内资公司设立登记"}, {"二手房过户要什么材料", "不动产转移登记（存量房买卖）"},
	} {
		if got := askSample(t, g, c.question); itemOf(got) != c.item {
			t.Errorf("%s: item %q, want %q: %s", c.question, itemOf(got), c.item, got.Text)
		}
	}
}

func itemOf(a kb.Answer) string {
	if a.Item == nil {
		return ""
	}
	return a.Item.Name
}
