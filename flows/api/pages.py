"""The page behind the link of an e-mail: looking decides nothing, a button does.

Mail programs and their scanners open links by themselves; none of them presses a button.
"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from causeway.base.actors import Actor
from causeway.base.problems import Problem
from flows.engine.nodes.approval import Decision
from flows.models import Approval
from flows.services.approval_links import read_link
from flows.services.approvals import decide, is_open

_MOST_COMMENT = 1000
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:10vh auto;padding:0 1rem;"
    "color:#1c2024;background:#fff}h1{font-size:1.4rem}p.message{white-space:pre-wrap}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;color:#474c52}"
    "dd{margin:0}textarea{width:100%;min-height:5rem;font:inherit;box-sizing:border-box}"
    "button{font:inherit;padding:.5rem 1.25rem;margin:1rem .5rem 0 0;border-radius:.4rem;"
    "border:1px solid #474c52;background:#fff;color:#1c2024;cursor:pointer}"
    "button.approve{background:#176b3a;border-color:#176b3a;color:#fff}"
    "@media(prefers-color-scheme:dark){body{background:#16181b;color:#edeef0}"
    "dl{color:#b5bac1}button{background:#16181b;color:#edeef0;border-color:#b5bac1}"
    "textarea{background:#16181b;color:#edeef0}}"
)


# The token is what a foreign page does not have: it does the work of a CSRF token.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the question; a POST of the form decides it."""
    try:
        actor, approval = read_link(token)
    except Http404 as error:
        return _page("No such question", format_html("<p>{}</p>", str(error)), status=404)
    if request.method != "POST":
        return _shown(approval)
    try:
        _decide(actor, approval, request)
    except Problem as problem:
        return _shown(approval, problem=problem)
    # Loaded anew, a page that answered a form would ask to send it again.
    return HttpResponseRedirect(request.path, status=303, headers=_HEADERS)


_HEADERS = {"Cache-Control": "no-store"}


def _decide(actor: Actor, approval: Approval, request: HttpRequest) -> None:
    try:
        decision = Decision(request.POST.get("decision", ""))
    except ValueError:
        raise Problem(422, "invalid", "Choose whether to approve or to reject.") from None
    comment = request.POST.get("comment", "").replace("\x00", "").strip()
    if len(comment) > _MOST_COMMENT:
        raise Problem(422, "invalid", f"A comment has at most {_MOST_COMMENT} characters.")
    decide(actor, approval, decision, comment=comment, via="link")


def _shown(approval: Approval, *, problem: Problem | None = None) -> HttpResponse:
    approval.refresh_from_db()
    if approval.decision:
        state = format_html(
            "<p><strong>{} {} this</strong> on {}.</p>{}",
            approval.decided_by,
            approval.decision,
            f"{approval.decided_at:%Y-%m-%d %H:%M} UTC",
            format_html('<p class="message">{}</p>', approval.comment),
        )
    elif is_open(approval):
        state = _form()
    else:
        state = format_html("<p><strong>{}</strong></p>", "The run no longer waits for this.")
    run = approval.run
    facts = (
        ("Flow", run.flow.name),
        ("Environment", approval.environment.name),
        ("About", run.business_key or str(run.pk)),
        ("Until", f"{approval.until:%Y-%m-%d %H:%M} UTC"),
    )
    body = format_html(
        '{}<p class="message">{}</p><dl>{}</dl>{}',
        format_html('<p role="alert"><strong>{}</strong></p>', problem.detail) if problem else "",
        approval.message,
        format_html_join("", "<dt>{}</dt><dd>{}</dd>", facts),
        state,
    )
    return _page(approval.title, body, status=problem.status if problem else 200)


def _form() -> SafeString:
    return format_html(
        '<form method="post"><p><label for="comment">Comment</label>'
        '<textarea id="comment" name="comment" maxlength="{}"></textarea></p>'
        '<button class="approve" name="decision" value="{}">Approve</button>'
        '<button name="decision" value="{}">Reject</button></form>',
        _MOST_COMMENT,
        Decision.APPROVED.value,
        Decision.REJECTED.value,
    )


def _page(title: str, body: SafeString, *, status: int) -> HttpResponse:
    page = format_html(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        "<title>{} - Causeway</title><style>{}</style><main><h1>{}</h1>{}</main></html>",
        title,
        SafeString(_STYLE),
        conditional_escape(title),
        body,
    )
    answer = HttpResponse(page, status=status, headers=_HEADERS)
    # Django logs the address of a refusal, and this one holds what lets its reader decide.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # unknown to the stubs
    return answer
