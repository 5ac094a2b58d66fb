package work

import "testing"

func TestDo(t *testing.T) {
	const client, server = "../../captures/two-path-upload.client.pcapng", "../../captures/two-path-upload.server.pcapng"
	for _, what := range []string{"read", "decode", "load", "pair"} {
		told, err := Do(what, client, server)
		if err != nil || told.Frames == 0 || (told.Paired > 0) != (what == "pair") {
			t.Errorf("%s: %+v, %v", what, told, err)
		}
	}
	if _, err := Do("dance", client, ""); err == nil {
		t.Error("there is no such work")
	}
}
