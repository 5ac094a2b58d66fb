package core

import "strings"

// Param is a parameter of a command: a positional word, or an option when its name begins with a dash.
type Param struct {
	Name     string // "STREAM" or "--dest"
	Short    string // "-o"
	Kind     Kind
	Choices  []string // for Choice
	Value    string   // what an option's value is called in usage: "FILE"
	Required bool
	Repeat   bool
	Doc      string
}

// Kind is a parameter's type: what is accepted, and what completion offers.
type Kind uint8

// Kinds of parameters.
const (
	Text        Kind = iota
	Flag             // option without a value
	Path             // a file
	Capture          // a capture file
	ConnID           // mptcp.stream of the current capture
	StreamID         // tcp.stream of the current capture
	Dest             // Client, Server or Both
	Field            // a plottable column
	Choice           // one of Choices
	Topic            // the name of a command, or a topic of help
	PlotType         // a type of chart, or a plottable column
	Interface        // a network interface of this machine
	Held             // a capture of the session: its name, number or file
	CaptureFile      // a capture of the session or a file, told from ids and columns by its form
	Column           // a column of the packets
	PacketID         // the number of a packet
	SettingName      // the name of a setting
	Expression       // a condition, as package where reads it: the rest of the line, or one word in quotes
)

func (p *Param) option() bool { return strings.HasPrefix(p.Name, "-") }

// usage is the parameter as it stands in a usage line.
func (p *Param) usage() string {
	u := p.Name
	if p.option() && p.Kind != Flag {
		v := p.Value
		if v == "" {
			v = strings.ToUpper(strings.TrimLeft(p.Name, "-"))
		}
		u += " " + v
	}
	if p.Repeat {
		u += "…"
	}
	if !p.Required {
		u = "[" + u + "]"
	}
	return u
}

// usageOf writes the parameters of a usage line: words in their order, then options.
func usageOf(params []Param) string {
	var words, options []string
	for i := range params {
		if params[i].option() {
			options = append(options, params[i].usage())
		} else {
			words = append(words, params[i].usage())
		}
	}
	return strings.Join(append(words, options...), " ")
}

// Term is the parameter as a list of parameters has it: "-o, --out FILE".
func (p *Param) Term() string {
	term := strings.Trim(p.usage(), "[]")
	if p.Short != "" {
		term = p.Short + ", " + term
	}
	return term
}

// Meaning is what such a list says of it: its Doc, and the choices, unless there are many.
func (p *Param) Meaning() string {
	if p.Kind == Choice && len(p.Choices) < 12 {
		return p.Doc + ": " + strings.Join(p.Choices, ", ")
	}
	return p.Doc
}

// Parameters that many commands have.
var (
	connParam      = Param{Name: "CONNECTION", Kind: ConnID, Doc: "mptcp.stream; not needed when there is only one"}
	streamParam    = Param{Name: "STREAM", Kind: StreamID, Doc: "tcp.stream; not needed when there is only one"}
	destParam      = Param{Name: "DEST", Kind: Dest, Doc: "Client, Server or Both"}
	detailedOption = Param{Name: "--detailed", Kind: Flag, Doc: "accepted, as everything is shown"}
	fullOption     = Param{Name: "--full", Kind: Flag, Doc: "accepted, as everything is shown"}
	destOption     = Param{Name: "--dest", Kind: Dest, Value: "DEST", Repeat: true, Doc: "only what travels to this end: Client, Server or Both"}
)
