package dispatch

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"xiaoyue/ingest"
	"xiaoyue/ingest/container"
	"xiaoyue/ingest/format"
	"xiaoyue/ingest/text"
)

const (
	// maxArchives is how deep archives may lie in archives.
	maxArchives = 3
	// maxUnpacked is how many times the size limit of a file its members may hold together.
	maxUnpacked = 4
	// separator stands between an archive and its member, as in a.zip!/b.docx.
	separator = "!/"
)

// archive reads the members of a zip file. An archive that cannot be opened, or holds nothing, is
// reported itself.
func (j *job) archive(out ingest.FileReading, r *io.SectionReader, depth int) {
	if out.Err = j.enter(depth); out.Err != nil {
		j.out = append(j.out, out)
		return
	}
	z, err := container.OpenZip(r, r.Size(), j.limits)
	if err != nil {
		out.Err = fault(err)
		j.out = append(j.out, out)
		return
	}
	before := len(j.out)
	for _, f := range z.Files {
		if name := memberName(f); !beside(name) {
			j.member(z, f, out.Path+separator+name, depth)
		}
	}
	if len(j.out) == before {
		out.Err = &ingest.ReadError{Status: ingest.StatusEmpty, Reason: "压缩包里没有文件，请核对是否传错了文件"}
		j.out = append(j.out, out)
	}
}

func (j *job) enter(depth int) *ingest.ReadError {
	if depth < maxArchives {
		return nil
	}
	return &ingest.ReadError{
		Status: ingest.StatusHostile,
		Reason: fmt.Sprintf("压缩包套压缩包超过 %d 层，已拒绝读取，请解压后上传其中的文件", maxArchives),
	}
}

// member unpacks one member and reads it. After a fault of the whole archive, such as a bomb, the
// members that follow are reported and not unpacked.
func (j *job) member(z *container.Zip, f *zip.File, name string, depth int) {
	if j.members++; j.members > j.limits.Parts {
		if j.members == j.limits.Parts+1 {
			j.out = append(j.out, ingest.FileReading{Path: name, Err: tooMany(j.limits.Parts)})
		}
		return
	}
	b, err := j.unpack(z, f)
	if err != nil {
		claimed := ingest.Reading{Format: string(format.ByName(name))}
		j.out = append(j.out, ingest.FileReading{Path: name, Reading: claimed, Err: fault(err)})
		return
	}
	j.file(name, io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))), depth+1)
}

func (j *job) unpack(z *container.Zip, f *zip.File) ([]byte, error) {
	if err := j.ctx.Err(); err != nil {
		return nil, err
	}
	if j.unpacked > maxUnpacked*j.limits.FileBytes {
		return nil, tooMany(j.limits.Parts)
	}
	rc, err := z.OpenFile(f)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	b, err := io.ReadAll(rc)
	j.unpacked += int64(len(b))
	return b, err
}

func tooMany(parts int) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusTooLarge,
		Reason: fmt.Sprintf("压缩包里的文件太多或太大（最多 %d 个），请分成几个压缩包后再上传", parts),
	}
}

// memberName returns the name of a member as its maker saw it: UTF-8 where it is that, GB18030 as
// Windows writes it in Chinese otherwise; without ways out of the archive.
func memberName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 && !text.IsUTF8([]byte(name)) {
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	dir := strings.HasSuffix(name, "/")
	name = path.Clean("/" + strings.ReplaceAll(name, `\`, "/"))[1:]
	if dir {
		name += "/"
	}
	return name
}

// beside says whether a member is a folder, or what systems leave beside the files.
func beside(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") ||
		base == ".DS_Store" || base == "Thumbs.db" || base == "desktop.ini" || strings.HasPrefix(base, "~$")
}
