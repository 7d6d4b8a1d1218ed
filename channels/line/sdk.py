"""LINE's SDK, for all calls but answers and pushes: the only module that imports it.

Bodies go as plain dicts through its `call_api`: its message objects serialise some fifty times slower and silently drop
what they do not know. It is imported on first use (2.5 s, 80 MB).
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from channels.calls import IN_FLIGHT
from channels.wire import NeverLeft, Response, Unanswered


class Sdk:
    """One per process, shared by threads."""

    def __init__(self, connect: timedelta, read: timedelta) -> None:
        self._patience = (connect.total_seconds(), read.total_seconds())

    def call(
        self,
        method: str,
        url: tuple[str, str],
        headers: dict[str, str],
        body: Any = None,
        form: Sequence[tuple[str, str]] | None = None,
    ) -> Response:
        """`url`: host and path. Raises `NeverLeft` and `Unanswered`; never retries."""
        from linebot.v3.messaging.exceptions import ApiException
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

        host, path = url
        try:
            answer = self.client.call_api(
                path, method, {}, [], headers, body=body, response_types_map={"200": "bytearray", "202": "bytearray"},
                post_params=form, _request_timeout=self._patience, _host=host,
            )  # fmt: skip
        except ApiException as error:
            return Response(error.status, error.headers or {}, (error.body or "").encode())
        except (ConnectTimeoutError, NewConnectionError) as error:
            raise NeverLeft(type(error).__name__) from error
        except HTTPError as error:
            raise Unanswered(type(error).__name__) from error
        return Response(answer.status_code, answer.headers, bytes(answer.raw_data or b""))

    @cached_property
    def client(self) -> Any:
        from linebot.v3.messaging import ApiClient, Configuration

        configuration = Configuration(access_token="of each call")  # noqa: S106 - the client wants one to exist
        configuration.retries = False
        configuration.connection_pool_maxsize = IN_FLIGHT
        client = ApiClient(configuration)
        # Clinics share the client, so the token goes with the call; the client's own would win over it.
        client.default_headers.pop("Authorization", None)
        return client
