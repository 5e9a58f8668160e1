"""Packing and unpacking batches, as laws over any answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lists_sync.connect.answers import UNKNOWN, Op, Reply
from lists_sync.connect.batch import pack, to_send_again, unpack

methods = st.sampled_from(["GET", "POST", "PATCH", "DELETE"])
bodies = st.none() | st.dictionaries(st.text(max_size=5), st.integers(), max_size=3)
ops = st.builds(
    Op, methods, st.text(min_size=1, max_size=20).map("/{}".format), bodies, st.just('"g,1"') | st.just("")
)
numbered = st.lists(ops, max_size=20).map(lambda found: list(enumerate(found, start=7)))


@given(numbered, st.randoms(use_true_random=False))
def test_shuffled_answers_find_their_calls(chunk, random):
    """Whatever the order of the answers, each call gets its own."""
    answers = [{"id": str(number), "status": 200, "body": {"n": number}} for number, _ in chunk]
    random.shuffle(answers)
    replies = unpack({"responses": answers}, chunk)
    assert {number: reply.body["n"] for number, reply in replies.items()} == {
        number: number for number, _ in chunk
    }


@given(numbered, st.sets(st.integers(0, 40)))
def test_missing_answers_are_unknown(chunk, lost):
    """Every call has exactly one reply, and a call not spoken of is unknown rather than done or failed."""
    answers = [{"id": str(number), "status": 204} for number, _ in chunk if number not in lost]
    replies = unpack({"responses": answers}, chunk)
    assert {number: reply.status for number, reply in replies.items()} == {
        number: UNKNOWN if number in lost else 204 for number, _ in chunk
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(numbered, json_values | st.fixed_dictionaries({"responses": json_values | st.lists(json_values)}))
def test_any_answer_at_all_is_survived(chunk, body):
    """Whatever JSON comes back, there is one reply for each call and none besides."""
    assert set(unpack(body, chunk)) == {number for number, _ in chunk}


@given(numbered)
def test_packing_loses_nothing(chunk):
    """Every part keeps method, address, body and If-Match, under an id of its own."""
    parts = pack(chunk)["requests"]
    seen = [
        (
            int(part["id"]),
            Op(part["method"], part["url"], part.get("body"), part.get("headers", {}).get("If-Match", "")),
        )
        for part in parts
    ]
    assert seen == chunk
    assert len({part["id"] for part in parts}) == len(chunk)


@given(numbered)
def test_body_always_names_its_type(chunk):
    """Graph refuses a part with a body and no Content-Type."""
    for part in pack(chunk)["requests"]:
        assert ("body" in part) == (part.get("headers", {}).get("Content-Type") == "application/json")


def test_header_names_are_read_in_any_case():
    """A part's headers are known by lower-case name, however the service wrote them."""
    answer = {"id": "0", "status": 429, "headers": {"RETRY-After": 5}}
    assert unpack({"responses": [answer]}, [(0, Op("GET", "/x"))])[0].headers == {"retry-after": "5"}


def test_first_of_two_answers_to_one_call_counts():
    """A second answer under the same id does not replace the first."""
    answers = [{"id": "0", "status": 204}, {"id": "0", "status": 500}]
    assert unpack({"responses": answers}, [(0, Op("PATCH", "/x"))])[0].status == 204


@given(st.builds(Reply, st.integers(0, 599)), ops)
def test_only_throttled_parts_are_sent_again(reply, op):
    """A part is repeated on 429 and 503 only, and a part that makes something not on a bare 503."""
    expected = reply.status == 429 or (reply.status == 503 and op.method != "POST")
    assert to_send_again(op, reply) is expected
