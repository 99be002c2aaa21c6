"""Which requests come from our own page or from a program, and which from another web page."""

from __future__ import annotations

import pytest

from lib_omost.api.same_origin import SameOrigin, host_name

LOCAL = SameOrigin()
OPEN = SameOrigin(names=frozenset({"pc"}), any_address=True)


def refusal(rule, method="GET", **headers):
    pairs = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return rule.refusal(pairs, method)


@pytest.mark.parametrize("host", ["127.0.0.1:7870", "127.1.2.3", "localhost:7870", "[::1]:7870"])
def test_a_program_may_ask_at_the_loopback_addresses(host):
    assert refusal(LOCAL, host=host) == ""
    assert refusal(LOCAL, "POST", host=host.upper()) == ""


@pytest.mark.parametrize("host", ["evil.example:7870", "pc", "192.168.1.5:7870", "0.0.0.0:7870"])
def test_another_name_is_refused_as_a_page_may_have_bound_it_to_us(host):
    assert "does not answer to the name" in refusal(LOCAL, host=host)
    same = f"http://{host}"
    assert "does not answer to the name" in refusal(LOCAL, "POST", host=host, origin=same)


@pytest.mark.parametrize("host", ["", "127.0.0.1:x", "a@127.0.0.1", "127.0.0.1/", "a:1:2"])
def test_what_is_no_host_is_refused(host):
    assert "one header Host" in refusal(LOCAL, host=host)


def test_one_host_is_needed():
    assert "one header Host" in refusal(LOCAL)
    assert "one header Host" in LOCAL.refusal([(b"host", b"127.0.0.1"), (b"host", b"evil.example")])


def test_open_to_the_network_all_addresses_and_given_names_are_ours():
    for host in ("192.168.1.5:7870", "[fe80::1]:7870", "pc:7870", "PC.:7870", "localhost"):
        assert refusal(OPEN, host=host) == ""
    assert "evil.example" in refusal(OPEN, host="evil.example")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:7870", "http://127.0.0.1:7870"),
        ("localhost", "http://localhost"),
        ("localhost:80", "http://LOCALHOST"),
        ("pc", "https://pc"),  # behind a proxy that knows certificates
    ],
)
def test_the_own_page_may_ask(host, origin):
    assert refusal(OPEN, "POST", host=host, origin=origin, sec_fetch_site="same-origin") == ""


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1:8000",
        "http://127.0.0.1",
        "http://localhost:7870",
        "https://127.0.0.1",
        "null",
        "",
        "file://",
        "http://127.0.0.1:7870.evil.example",
        "http://127.0.0.1:7870@evil.example",
    ],
)
def test_a_page_of_another_origin_may_not(origin):
    assert "nother web page" in refusal(LOCAL, "POST", host="127.0.0.1:7870", origin=origin)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_may_show_ours_and_nothing_else(site):
    def asks(method="GET", **headers):
        return refusal(LOCAL, method, host="127.0.0.1:7870", sec_fetch_site=site, **headers)

    assert asks(sec_fetch_mode="navigate", sec_fetch_dest="document") == ""
    for method, mode, dest in (
        ("GET", "no-cors", "image"),
        ("GET", "navigate", "iframe"),
        ("GET", "cors", "empty"),
        ("POST", "navigate", "document"),
    ):
        assert "another site" in asks(method, sec_fetch_mode=mode, sec_fetch_dest=dest)
    assert "another site" in asks()


def test_the_owner_may_trust_another_page():
    rule = SameOrigin(trusts=lambda origin: origin == "https://friend.example")
    headers = {"host": "127.0.0.1:7870", "sec_fetch_site": "cross-site"}
    assert refusal(rule, "POST", origin="https://friend.example", **headers) == ""
    assert "Another web page" in refusal(rule, "POST", origin="https://evil.example", **headers)


def test_where_any_name_is_ours_the_origin_still_has_to_be_the_same():
    rule = SameOrigin(any_name=True)
    assert refusal(rule, host="abc.gradio.live", origin="https://abc.gradio.live") == ""
    assert "Another" in refusal(rule, host="abc.gradio.live", origin="https://evil.example")


def test_the_name_in_an_address():
    assert host_name("My-PC.example.org:80") == "my-pc.example.org"
    assert host_name("https://pc") == "pc"
    with pytest.raises(ValueError, match="no name of a host"):
        host_name("a b")
