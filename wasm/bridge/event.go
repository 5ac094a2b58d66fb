package bridge

// The events of a bridge, as JSON. Every one has "event"; the page switches on it.

type doneEvent struct {
	Event   string `json:"event"`   // "done"
	Capture string `json:"capture"` // the current capture, or ""
}

type textEvent struct {
	Event string `json:"event"` // "text"
	Title string `json:"title,omitempty"`
	Body  string `json:"body"`
	Pre   bool   `json:"pre,omitempty"`
	Long  bool   `json:"long,omitempty"`
}

type noteEvent struct {
	Event   string `json:"event"` // "note"
	Caution bool   `json:"caution,omitempty"`
	Body    string `json:"body"`
}

// clearEvent takes away what the answers show.
type clearEvent struct {
	Event string `json:"event"` // "clear"
}

// plainEvent is a block as the terminal writes it.
type plainEvent struct {
	Event string `json:"event"` // "plain"
	Body  string `json:"body"`
}

// progressEvent has numbers for a bar, between 0 and 1, and words for people.
type progressEvent struct {
	Event string  `json:"event"` // "progress"
	Task  string  `json:"task"`
	Share float64 `json:"share"`          // 0…1; -1 where the total is unknown
	Count int64   `json:"count"`          // what is done, in bytes or whatever is counted
	Done  string  `json:"done"`           // "12.3 MB"
	Total string  `json:"total"`          // "40.0 MB", or ""
	Note  string  `json:"note,omitempty"` // "12 345 packets, 3 connections"
	End   bool    `json:"end,omitempty"`
}

// errorEvent places an error in the line that was typed; Start and End are UTF-16 units.
type errorEvent struct {
	Event      string `json:"event"` // "error"
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
	Usage      string `json:"usage,omitempty"`
	Line       int    `json:"line,omitempty"`
	Text       string `json:"text,omitempty"`
	Start      int    `json:"start"`
	End        int    `json:"end"`
	Cancelled  bool   `json:"cancelled,omitempty"`
}

type columnItem struct {
	Key   string `json:"key"`
	Head  string `json:"head"`
	Exact string `json:"exact"` // the head of exact values
	Doc   string `json:"doc,omitempty"`
	Share bool   `json:"share,omitempty"`
	Wide  bool   `json:"wide,omitempty"`
	// Number says that the column counts something, even where all its values are missing.
	Number bool `json:"number,omitempty"`
}

// tableEvent introduces a table with its first rows.
type tableEvent struct {
	Event   string       `json:"event"` // "table"
	Handle  int          `json:"handle"`
	Name    string       `json:"name"`
	Title   string       `json:"title"`
	Command string       `json:"command"`
	Source  string       `json:"source"`
	Empty   string       `json:"empty"`
	Columns []columnItem `json:"columns"`
	// Span is the time from the capture's start to the last end of the rows, in ns, where the table has the columns "start"
	// and "duration": what the rows' life lines are drawn on.
	Span string `json:"span,omitempty"`
	rowsPart
}

// tallyEvent answers "tally".
type tallyEvent struct {
	Event string      `json:"event"` // "tally"
	Items []tallyItem `json:"items"` // most first
}

// tallyItem is how many rows have a text.
type tallyItem struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
}

// partialEvent is the first connections of a capture that is still being read; Total is how many there are by now.
type partialEvent struct {
	Event   string       `json:"event"` // "partial"
	Columns []columnItem `json:"columns"`
	Span    string       `json:"span"`
	rowsPart
}

// rowsEvent answers "table".
type rowsEvent struct {
	Event  string `json:"event"` // "rows"
	Handle int    `json:"handle"`
	rowsPart
}

type rowsPart struct {
	Total int     `json:"total"` // rows after filtering
	From  int     `json:"from"`
	Rows  [][]any `json:"rows"` // cells, or null where a value is missing
	// IDs are the rows' numbers in the unsorted table; Open their commands.
	IDs  []int    `json:"ids"`
	Open []string `json:"open,omitempty"`
	// More says that not all rows have been looked at: Total counts what was found so far, and who asks again has the search go
	// on. Rows that are to be sorted come when all have been.
	More bool `json:"more,omitempty"`
}

// cell is one value. Text is for people; Exact has all digits, where that differs; Value is for computing, a decimal
// string.
type cell struct {
	Kind    string  `json:"k"`
	Text    string  `json:"t"`
	Exact   string  `json:"x,omitempty"`
	Value   string  `json:"v,omitempty"`
	Share   float64 `json:"r,omitempty"` // 0…1, for the bar of a share
	Subflow int     `json:"s,omitempty"` // a subflow's ordinal, which gives its colour
}

type fileEvent struct {
	Event string `json:"event"` // "file"
	Name  string `json:"name"`
	Type  string `json:"type"` // media type
	// Chart is what the page draws itself and saves in the format that Name says.
	Chart *chartEvent `json:"chart,omitempty"`
}

type checkEvent struct {
	Event  string `json:"event"` // "check"
	Status string `json:"status"`
}

type completeEvent struct {
	Event string         `json:"event"` // "complete"
	Start int            `json:"start"` // UTF-16 units
	End   int            `json:"end"`
	Items []completeItem `json:"items"`
}

type completeItem struct {
	Text  string `json:"text"`
	Type  string `json:"type"`
	Doc   string `json:"doc"`
	Space bool   `json:"space"`
}

type commandsEvent struct {
	Event    string        `json:"event"` // "commands"
	Commands []commandItem `json:"commands"`
}

type commandItem struct {
	Name     string        `json:"name"`
	Summary  string        `json:"summary"`
	Usage    string        `json:"usage"`
	Alone    bool          `json:"alone,omitempty"` // it needs no further word
	Examples []exampleItem `json:"examples"`
}

type exampleItem struct {
	Line string `json:"line"`
	What string `json:"what"`
}
