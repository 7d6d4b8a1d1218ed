"""The least that answering a question can be: plain psycopg with prepared statements, and one kept connection to LINE.

One event a transaction: claim, the event with its clinic and customer, the link with profile and conversation, what is
ahead of the points, three writes, commit; the call; its record. Nothing is locked but the event, nothing sealed or
drawn, and nothing follows what the product does: this is written down, so that a slower product finds no slower limit.
"""

import http.client
from collections.abc import Mapping
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from uuid_utils.compat import uuid7

_CLAIM = """
    SELECT id FROM inbox WHERE clinic_id = %(clinic)s AND state = 'new' AND due_at <= now()
    ORDER BY occurred_at, arrival LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_EVENT = """
    SELECT clinics.*, customers.*, inbox.* FROM inbox JOIN clinics ON clinics.id = inbox.clinic_id
    JOIN line_links link ON link.clinic_id = inbox.clinic_id AND link.user_index = inbox.actor_index
    JOIN customers ON customers.id = link.customer_id AND customers.clinic_id = link.clinic_id
    WHERE inbox.id = %(id)s AND inbox.clinic_id = %(clinic)s
"""
_KNOWN = """
    SELECT state.*, profile.*, link.* FROM line_links link
    JOIN loyalty_profiles profile ON profile.customer_id = link.customer_id AND profile.clinic_id = link.clinic_id
    LEFT JOIN conversation_states state ON state.clinic_id = link.clinic_id AND state.user_index = link.user_index
    WHERE link.clinic_id = %(clinic)s AND link.user_index = %(actor)s
"""
_AHEAD = """
    SELECT expires_at AS at, sum(remaining), true FROM point_lots
    WHERE clinic_id = %(clinic)s AND customer_id = %(customer)s AND remaining > 0 AND expires_at IS NOT NULL
    GROUP BY expires_at
    UNION ALL SELECT matures_at, amount, false FROM pending_points
    WHERE clinic_id = %(clinic)s AND customer_id = %(customer)s AND state = 'pending' ORDER BY at
"""
_STATE = "UPDATE conversation_states SET unknown_at = now() WHERE clinic_id = %(clinic)s AND user_index = %(actor)s"
_DONE = """
    UPDATE inbox SET state = 'done', handled_at = now(), customer_id = %(customer)s, raw_sealed = %(raw)s
    WHERE id = %(id)s AND clinic_id = %(clinic)s
"""
_REPLY = """
    INSERT INTO replies (id, clinic_id, customer_id, inbox_id, body_sealed, token_sealed, recipient_sealed, received_at,
                         state, attempts, lease_until)
    VALUES (%(reply)s, %(clinic)s, %(customer)s, %(id)s, %(body)s, %(raw)s, %(raw)s, now(), 'open', 1, now())
"""
_SENT = "UPDATE replies SET state = 'sent', request_id = %(said)s WHERE id = %(reply)s AND clinic_id = %(clinic)s"


def answer_all(dsn: str, port: int, clinic_id: UUID, tokens: Mapping[str, str], size: int) -> None:
    """Answers every open event. `tokens`: by the event's key, since here nothing can be unsealed; `size`: of a body."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
    body, padding = bytes(size), b"x" * size
    with psycopg.connect(dsn, row_factory=dict_row) as connection, connection.cursor() as cursor:
        while found := cursor.execute(_CLAIM, {"clinic": clinic_id}, prepare=True).fetchone():
            values = {"clinic": clinic_id, "id": found["id"], "reply": uuid7(), "body": body}
            event = cursor.execute(_EVENT, values, prepare=True).fetchall()[0]
            values |= {"actor": event["actor_index"], "raw": event["raw_sealed"]}
            known = cursor.execute(_KNOWN, values, prepare=True).fetchall()[0]
            values["customer"] = known["customer_id"]
            cursor.execute(_AHEAD, values, prepare=True).fetchall()
            for statement in (_STATE, _DONE, _REPLY):
                cursor.execute(statement, values, prepare=True)
            connection.commit()
            said = b'{"replyToken": "%b", "messages": ["%b"]}' % (tokens[event["event_key"]].encode(), padding)
            line.request("POST", "/v2/bot/message/reply", said, headers)
            answer = line.getresponse()
            answer.read()
            values["said"] = answer.headers["x-line-request-id"]
            cursor.execute(_SENT, values, prepare=True)
            connection.commit()
    line.close()
