// Package format tells what a file is by its bytes, and what to tell the sender of one that is not
// read: the name of the format and how to make a readable file of it.
//
// The name of a file is believed only where bytes cannot tell, among kinds of plain text. Reading is
// left to the readers.
package format

import (
	"fmt"

	"xiaoyue/ingest"
)

// Format names what a file is. Those that readers exist for carry the readers' own names.
type Format string

// The formats that are read.
const (
	DOCX     Format = "docx"
	PDF      Format = "pdf"
	XLSX     Format = "xlsx"
	CSV      Format = "csv"
	HTML     Format = "html"
	Markdown Format = "md"
	Text     Format = "txt"
	OFD      Format = "ofd"
	Zip      Format = "zip"
)

// The formats that are recognised only to be named.
const (
	DOC      Format = "doc"
	XLS      Format = "xls"
	PPT      Format = "ppt"
	WPS      Format = "wps"
	PPTX     Format = "pptx"
	XLSB     Format = "xlsb"
	MSG      Format = "msg"
	OLE      Format = "ole"
	RTF      Format = "rtf"
	EPUB     Format = "epub"
	ODF      Format = "odf"
	XPS      Format = "xps"
	CHM      Format = "chm"
	CEB      Format = "ceb"
	CAJ      Format = "caj"
	MHT      Format = "mht"
	EML      Format = "eml"
	WordXML  Format = "wordxml"
	Compress Format = "Z"
	GZip     Format = "gz"
	BZip2    Format = "bz2"
	XZ       Format = "xz"
	RAR      Format = "rar"
	SevenZip Format = "7z"
	Tar      Format = "tar"
	Image    Format = "image"
	Media    Format = "media"
	Program  Format = "program"
	Unknown  Format = "unknown"
)

// Finding is what Sniff found out.
type Finding struct {
	Format    Format
	Encrypted bool
}

// advice is what a format is called and what its sender can do.
var advice = map[Format][2]string{
	DOCX:     {"Word 文档", "用 Word 或 WPS 打开，另存为 docx"},
	PDF:      {"PDF 文件", "重新导出为 PDF"},
	XLSX:     {"Excel 工作簿", "用 Excel 或 WPS 打开，另存为 xlsx"},
	OFD:      {"OFD 版式文件", "用 OFD 阅读器打开，导出为带文字的 PDF"},
	DOC:      {"旧版 Word 文档（doc）", "用 Word 或 WPS 打开，另存为 docx"},
	XLS:      {"旧版 Excel 工作簿（xls）", "用 Excel 或 WPS 打开，另存为 xlsx"},
	PPT:      {"旧版演示文稿（ppt）", "用 PowerPoint 或 WPS 打开，导出为 PDF"},
	WPS:      {"WPS/Works 文档（wps）", "用 WPS 打开，另存为 docx"},
	PPTX:     {"演示文稿（pptx）", "用 PowerPoint 或 WPS 打开，导出为 PDF"},
	XLSB:     {"二进制 Excel 工作簿（xlsb）", "用 Excel 打开，另存为 xlsx"},
	MSG:      {"Outlook 邮件（msg）", "把正文另存为 docx 或 PDF、附件另存为文件"},
	OLE:      {"旧版 Office 复合文件", "用创建它的软件打开，另存为 docx、xlsx 或 PDF"},
	RTF:      {"RTF 文档", "用 Word 或 WPS 打开，另存为 docx"},
	EPUB:     {"EPUB 电子书", "转换为 docx 或 PDF"},
	ODF:      {"OpenDocument 文档（odt、ods、odp）", "用 LibreOffice 或 WPS 打开，另存为 docx 或 xlsx"},
	XPS:      {"XPS 版式文件", "用 XPS 查看器打开，打印为 PDF"},
	CHM:      {"CHM 帮助文件", "打开后把需要的内容另存为 docx 或 PDF"},
	CEB:      {"CEB 版式文件", "用 Apabi Reader 打开，打印为 PDF"},
	CAJ:      {"CAJ 文献", "用 CAJViewer 打开，打印为 PDF"},
	MHT:      {"单文件网页（mht）", "在浏览器中打开，另存为 html"},
	EML:      {"邮件（eml）", "把正文另存为 docx 或 PDF、附件另存为文件"},
	WordXML:  {"XML 格式的 Word 文档", "用 Word 或 WPS 打开，另存为 docx"},
	Compress: {"Unix 压缩文件（Z）", "解压后上传其中的文件，或重新压缩为 zip"},
	GZip:     {"gzip 压缩文件（gz）", "解压后上传其中的文件，或重新压缩为 zip"},
	BZip2:    {"bzip2 压缩文件（bz2）", "解压后上传其中的文件，或重新压缩为 zip"},
	XZ:       {"xz 压缩文件", "解压后上传其中的文件，或重新压缩为 zip"},
	RAR:      {"RAR 压缩文件", "解压后上传其中的文件，或重新压缩为 zip"},
	SevenZip: {"7z 压缩文件", "解压后上传其中的文件，或重新压缩为 zip"},
	Tar:      {"tar 归档文件", "解开后上传其中的文件，或重新压缩为 zip"},
	Image:    {"图片", "先做文字识别（OCR），或提供文字版"},
	Media:    {"音频或视频", "提供文字稿"},
	Program:  {"程序文件", "核对是否传错了文件"},
	Unknown:  {"不认识的格式", "另存为 docx、xlsx、PDF、html 或 txt"},
}

// Fault returns why a file with this finding is not read: it is encrypted, or there is no reader.
func (f Finding) Fault() *ingest.ReadError {
	a, ok := advice[f.Format]
	if !ok {
		a = advice[Unknown]
	}
	if f.Encrypted {
		return &ingest.ReadError{
			Status: ingest.StatusEncrypted,
			Reason: fmt.Sprintf("文件是加密的%s，请取消密码（或解密）后再上传", a[0]),
		}
	}
	return &ingest.ReadError{
		Status: ingest.StatusUnsupported,
		Reason: fmt.Sprintf("暂不能读取%s，请%s，然后再上传", a[0], a[1]),
	}
}
