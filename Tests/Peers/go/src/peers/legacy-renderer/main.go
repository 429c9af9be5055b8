// legacy-renderer is an image renderer of the first protocol version, built with the libraries such plugins were built with.
// It draws nothing: into the file it is told to write goes what it was asked, as JSON. See Tests/Peers/README.md.
package main

import (
	"context"
	"encoding/json"
	"io/ioutil"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-model/go/renderer"
	hclog "github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

var logger = hclog.New(&hclog.LoggerOptions{
	Name:       "legacy-renderer",
	Level:      hclog.Trace,
	Output:     os.Stderr,
	JSONFormat: true,
})

func main() {
	plugin.Serve(&plugin.ServeConfig{
		// Renderers had a cookie of their own.
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "grafana_plugin_type",
			MagicCookieValue: "renderer",
		},
		Plugins: map[string]plugin.Plugin{
			"legacy-renderer": &renderer.RendererPluginImpl{Plugin: &legacyRenderer{}},
		},
		GRPCServer: plugin.DefaultGRPCServer,
	})
}

type legacyRenderer struct{}

// Render obeys the query of the URL: error=TEXT, code=N with message=TEXT, sleepMs=N.
func (*legacyRenderer) Render(ctx context.Context, request *renderer.RenderRequest) (*renderer.RenderResponse, error) {
	logger.Info("asked to render", "filePath", request.FilePath)
	page, err := url.Parse(request.Url)
	if err != nil {
		return &renderer.RenderResponse{Error: "url: " + err.Error()}, nil
	}
	wishes := page.Query()
	if milliseconds, err := strconv.Atoi(wishes.Get("sleepMs")); err == nil {
		select {
		case <-time.After(time.Duration(milliseconds) * time.Millisecond):
		case <-ctx.Done():
			logger.Info("rendering cancelled")
			return nil, ctx.Err()
		}
	}
	if code, err := strconv.Atoi(wishes.Get("code")); err == nil {
		return nil, status.Error(codes.Code(code), wishes.Get("message"))
	}
	if text := wishes.Get("error"); text != "" {
		return &renderer.RenderResponse{Error: text}, nil
	}
	if err := ioutil.WriteFile(request.FilePath, described(ctx, request), 0600); err != nil {
		return &renderer.RenderResponse{Error: err.Error()}, nil
	}
	return &renderer.RenderResponse{}, nil
}

func described(ctx context.Context, request *renderer.RenderRequest) []byte {
	received, _ := metadata.FromIncomingContext(ctx)
	text, _ := json.Marshal(map[string]interface{}{
		"url": request.Url, "width": request.Width, "height": request.Height, "timeout": request.Timeout,
		"timezone": request.Timezone, "encoding": request.Encoding, "filePath": request.FilePath,
		"renderKey": request.RenderKey, "domain": request.Domain, "debug": request.Debug,
		"unknownBytes": len(request.XXX_unrecognized), "traceparent": received.Get("traceparent"),
	})
	return text
}
