package container

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// XML reads one hostile XML part token by token. Names are matched by their local part, since
// writers choose their own prefixes. Declarations (DOCTYPE, ENTITY) and nesting past the limit are
// refused; a part that ends inside an element is damaged.
type XML struct {
	decoder *xml.Decoder
	depth   int
	max     int
}

// NewXML returns a reader of r that lets elements nest maxDepth deep.
func NewXML(r io.Reader, maxDepth int) *XML {
	d := xml.NewDecoder(r)
	d.CharsetReader = charset.NewReaderLabel
	return &XML{decoder: d, max: maxDepth}
}

// next returns the next token, io.EOF only outside of all elements.
func (x *XML) next() (xml.Token, error) {
	t, err := x.decoder.RawToken()
	if errors.Is(err, io.EOF) && x.depth == 0 {
		return nil, io.EOF
	}
	if err != nil {
		return nil, asReadError("文件内部的 XML 不完整或有错", fmt.Errorf("xml at byte %d: %w", x.decoder.InputOffset(), err))
	}
	switch t.(type) {
	case xml.StartElement:
		x.depth++
		if x.depth > x.max {
			return nil, hostile(fmt.Sprintf("文件内部嵌套超过 %d 层", x.max), nil)
		}
	case xml.EndElement:
		x.depth--
		if x.depth < 0 {
			return nil, damaged("文件内部的 XML 不完整或有错", errors.New("xml: end without start"))
		}
	case xml.Directive:
		return nil, hostile("文件内部带有实体声明（DOCTYPE）", nil)
	}
	return t, nil
}

// Inside calls f for each element inside the one just started, or of the whole part when called
// first. f may consume the element it is given, by Inside, Text or Skip; if it does not, its
// children come next.
func (x *XML) Inside(f func(xml.StartElement) error) error {
	base := x.depth
	for x.depth >= base {
		t, err := x.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := f(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// Text returns the character data of the element just started, its children's included.
func (x *XML) Text() (string, error) {
	var b strings.Builder
	base := x.depth
	for x.depth >= base {
		t, err := x.next()
		if err != nil {
			return b.String(), err
		}
		if s, ok := t.(xml.CharData); ok {
			b.Write(s)
		}
	}
	return b.String(), nil
}

// Skip passes over the rest of the element just started.
func (x *XML) Skip() error {
	base := x.depth
	for x.depth >= base {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// Attr returns the value of the attribute with that local name, "" if it is absent.
func Attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
