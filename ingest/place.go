package ingest

import (
	"slices"
	"strings"

	"xiaoyue/kb"
)

// nationalOrgans issue for the whole country; they name no region.
var nationalOrgans = []string{"国务院", "全国人民代表大会", "全国人大", "最高人民法院", "最高人民检察院", "人力资源和社会保障部", "人力资源社会保障部",
	"民政部", "公安部", "财政部", "教育部", "国家发展和改革委员会", "国家发展改革委", "国家医疗保障局", "国家医保局", "住房和城乡建设部", "住房城乡建设部",
	"国家税务总局", "国家卫生健康委", "司法部", "商务部", "交通运输部", "自然资源部", "市场监管总局", "中国人民银行", "中共中央"}

// findRegion returns the code of the region for which a text holds: of its issuer, else of its
// title, else the nation where the issuer is a national authority, else the region of the options.
func (d *describer) findRegion(issuer, title string) string {
	if d.regions == nil {
		return d.options.Region
	}
	issuers := strings.Fields(issuer)
	for _, text := range append(issuers, title) {
		if code := d.innermost(text); code != "" {
			return code
		}
	}
	for _, o := range nationalOrgans {
		if strings.HasPrefix(issuer, o) || strings.HasPrefix(title, "中华人民共和国") {
			return kb.Nation
		}
	}
	return d.options.Region
}

// innermost returns the region at the end of the first chain of regions that a text names:
// 越州市曹江区民政局 is of 曹江区. Quoted titles name the regions of others.
func (d *describer) innermost(text string) string {
	if before, _, quoted := strings.Cut(text, "《"); quoted && strings.TrimSpace(strings.TrimSuffix(before, "关于印发")) != "" {
		text = before
	}
	code := ""
	for _, m := range d.regions.Find(text) {
		chain, err := d.regions.Chain(m.Region.Code)
		if m.Region.Code == kb.Nation || err != nil {
			continue
		}
		if code != "" && (len(chain) < 2 || !slices.Contains(chain[1:], code)) {
			break
		}
		code = m.Region.Code
	}
	return code
}

// audiences are groups that a title addresses where it holds the word.
var audiences = []struct{ word, audience string }{
	{"高校毕业生", "高校毕业生"}, {"残疾人", "残疾人"}, {"老年人", "老年人"}, {"高龄津贴", "老年人"},
	{"退役军人", "退役军人"}, {"失业保险金", "失业人员"}, {"灵活就业人员", "灵活就业人员"},
}

// findAudience reads whom a text concerns, from a label or from its title. Empty means everyone.
func (d *describer) findAudience(title string) []string {
	for _, label := range []string{"服务对象", "适用对象", "适用人群", "面向对象"} {
		if v := d.property(label); v != "" {
			return strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("、，,；; 　", r) })
		}
	}
	for _, a := range audiences {
		if strings.Contains(title, a.word) {
			return []string{a.audience}
		}
	}
	return nil
}
