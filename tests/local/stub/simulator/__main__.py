import http.server
import os
from pathlib import Path


class Door(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


Path(os.environ["STUB_NOTES"], "simulator").write_text(f"{os.getpid()}\n")
http.server.HTTPServer(("127.0.0.1", int(os.environ["SIMULATOR_PORT"])), Door).serve_forever()
