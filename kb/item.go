package kb

import "fmt"

// DayUnit is the unit of a stated time limit; the two are never converted into each other.
type DayUnit string

// The units of time limits.
const (
	WorkingDays  DayUnit = "工作日"
	CalendarDays DayUnit = "自然日"
)

// Days is a time limit with its unit. Immediate items (即办) have Number 0.
type Days struct {
	Number int     `json:"number"`
	Unit   DayUnit `json:"unit"`
}

// String returns 5个工作日, or 即时办结 for 0.
func (d Days) String() string {
	if d.Number == 0 {
		return "即时办结"
	}
	return fmt.Sprintf("%d个%s", d.Number, d.Unit)
}

// Material is something to bring.
type Material struct {
	Name     string `json:"name"`
	When     string `json:"when,omitempty"`     // 情形; empty: always
	Required string `json:"required"`           // 必要 or 容缺
	Form     string `json:"form"`               // 原件, 复印件, 原件及复印件, 电子件
	Copies   int    `json:"copies"`             // 份数
	Issuer   string `json:"issuer,omitempty"`   // 来源渠道: who issues it
	Note     string `json:"note,omitempty"`     // 填报须知
	Template string `json:"template,omitempty"` // name of the blank form
	Source   string `json:"source,omitempty"`   // passage it was read from
}

// Window is a place where an item is handled.
type Window struct {
	Name      string `json:"name"`
	Region    string `json:"region"`
	Address   string `json:"address"`
	Hours     string `json:"hours"`
	Telephone string `json:"telephone,omitempty"`
	Route     string `json:"route,omitempty"` // 交通指引
}

// LegalBasis is a text that an item rests on.
type LegalBasis struct {
	Title  string `json:"title"`
	Number string `json:"number,omitempty"`
	Clause string `json:"clause,omitempty"`
	Text   string `json:"text,omitempty"`
	DocID  string `json:"doc_id,omitempty"`
}

// ServiceItem is the record of one government service item in one region. Its fields are shown
// verbatim; nothing in it is ever reworded by a model.
type ServiceItem struct {
	Code         string   `json:"code"`      // 实施编码: this item in this region
	BaseCode     string   `json:"base_code"` // 基本编码: the item over all regions
	Name         string   `json:"name"`
	Aliases      []string `json:"aliases,omitempty"`
	Department   string   `json:"department"`
	Kind         string   `json:"kind"`                // 行政许可, 行政确认, 行政给付, 公共服务, 其他行政权力
	ServiceFor   []string `json:"service_for"`         // 服务对象: 自然人, 企业法人, …
	HandlingKind string   `json:"handling_kind"`       // 即办件 or 承诺件
	Visits       int      `json:"visits"`              // 到办事现场次数
	CrossRegion  string   `json:"cross_region"`        // 通办范围
	OneThing     []string `json:"one_thing,omitempty"` // 一件事 it is part of
	Attributes            // tenant, access, region, zone, audience, validity

	Conditions   []string     `json:"conditions"`
	Materials    []Material   `json:"materials"`
	Steps        []string     `json:"steps"`
	LegalDays    *Days        `json:"legal_days"`    // 法定办结时限; null: none is set
	PromisedDays *Days        `json:"promised_days"` // 承诺办结时限
	Fee          string       `json:"fee"`           // 不收费, or the standard verbatim
	FeeBasis     string       `json:"fee_basis,omitempty"`
	Windows      []Window     `json:"windows"`
	Telephone    string       `json:"telephone"`
	Complaint    string       `json:"complaint"` // 监督投诉电话
	Online       string       `json:"online,omitempty"`
	Legal        []LegalBasis `json:"legal"`
	Result       string       `json:"result"`
	Version      int          `json:"version"`
	// Sources names, per JSON field, the passage from which the field was read, where it was.
	Sources map[string]string `json:"sources,omitempty"`
}

// Check reports the first fault that would mislead somebody who relies on the item.
func (i ServiceItem) Check() error {
	switch {
	case i.Code == "":
		return fmt.Errorf("service item %q: code is missing", i.Name)
	case i.Name == "":
		return fmt.Errorf("service item %s: name is missing", i.Code)
	case i.Department == "":
		return fmt.Errorf("service item %s: department is missing", i.Code)
	}
	for _, d := range []*Days{i.LegalDays, i.PromisedDays} {
		if d != nil && (d.Number < 0 || d.Number > 0 && d.Unit != WorkingDays && d.Unit != CalendarDays) {
			return fmt.Errorf("service item %s: time limit %d %q: want a number with 工作日 or 自然日", i.Code, d.Number, d.Unit)
		}
	}
	for _, m := range i.Materials {
		if m.Name == "" || m.Required != "必要" && m.Required != "容缺" {
			return fmt.Errorf("service item %s: material %q: want a name and 必要 or 容缺", i.Code, m.Name)
		}
	}
	return nil
}
