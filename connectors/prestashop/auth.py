"""Whether a connection works, and for which operations."""

from collections.abc import Sequence

from connectors.prestashop.client import Rights, ShopClient
from connectors.prestashop.doctor import look_around, look_at_clock, look_at_rights
from connectors.prestashop.reference import Reference
from connectors.prestashop.rights import NEEDS, USUAL, lacking
from connectors.sdk.connector import CheckResult, Finding, Level
from connectors.sdk.errors import FarSideError
from connectors.sdk.operation import OperationContext

_OLDEST = (1, 7, 8)
_REWRITING = (
    "In the shop's back office open Shop Parameters, Traffic & SEO, and switch friendly URLs on; "
    "with another server than Apache lead /api to webservice/dispatcher.php."
)


async def check(ctx: OperationContext) -> CheckResult:
    """Ask the shop who we are, what we may do and what stands in the way.

    Good when at least one operation can be used; `facts` hold the findings, each with its remedy.
    Changes nothing: the one request that is no read has an empty body, which the shop refuses.
    """
    client = ShopClient(ctx)
    client.forget()
    try:
        rights = await client.rights()
        zone = ""
        if "GET" in rights.verbs.get("configurations", frozenset()):
            ctx.session.pop("prestashop.reference", None)
            zone = (await Reference(ctx, client).facts()).zone.key
    except FarSideError as error:
        return await _refused(client, error)
    change = "PUT" if client.version and client.version < (8,) else "PATCH"
    missing = {name: lacking(rights, needs, change) for name, needs in NEEDS.items()}
    name = f"PrestaShop {rights.version}, {rights.shop_name}".rstrip(", ")
    old = bool(client.version) and client.version < _OLDEST
    findings = [_version(rights, old=old), *look_at_rights(rights, missing)]
    findings.append(look_at_clock(rights, ctx.now()))
    if not old:
        findings += await look_around(ctx, client, rights, change)
    facts = {
        "shop": rights.shop_name,
        "version": rights.version,
        "time_zone": zone,
        "operations": {
            one: f"needs {', '.join(' '.join(each) for each in lacks)}" if lacks else "ready"
            for one, lacks in missing.items()
        },
        "findings": [one.to_dict() for one in findings],
    }
    if old:
        return CheckResult(
            ok=False,
            message=f"PrestaShop {rights.version} is too old.",
            fix="Update the shop to 1.7.8 or newer.",
            facts=facts,
        )
    told = sorted(one for one in USUAL if missing[one])
    fix = ""
    if told:
        wanted = sorted({" ".join(each) for one in told for each in missing[one]})
        fix = (
            "In the shop's back office open Advanced Parameters, Webservice, and grant the key: "
            f"{'; '.join(wanted)}."
        )
    if all(missing.values()):
        message = f"{name}: the key may do nothing that a flow needs."
        return CheckResult(ok=False, message=message, fix=fix, facts=facts)
    return CheckResult(ok=True, message=_summary(name, told, findings), fix=fix, facts=facts)


def _summary(name: str, told: Sequence[str], findings: Sequence[Finding]) -> str:
    parts = [f"{name}."]
    if told:
        parts.append(f"Not granted: {', '.join(told)}.")
    parts += [one.says for one in findings if one.level is Level.FAIL]
    return " ".join(parts)


def _version(rights: Rights, *, old: bool) -> Finding:
    if old:
        return Finding(
            id="version",
            level=Level.FAIL,
            says=f"PrestaShop {rights.version} is too old.",
            remedy="Update the shop to 1.7.8 or newer.",
        )
    return Finding(id="version", level=Level.OK, says=f"PrestaShop {rights.version} is supported.")


async def _refused(client: ShopClient, error: FarSideError) -> CheckResult:
    """The shop was not reached, or does not take the key."""
    message, fix, id_ = error.message, error.fix, "key"
    if error.code == "no_webservice":
        id_ = "url_rewriting"
        try:
            if await client.rewriting_is_off():
                message = "The shop's webservice is there, but friendly URLs do not lead to it."
                fix = _REWRITING
        except FarSideError:
            # The first answer says enough.
            pass
    elif error.retryable:
        id_ = "reach"
    finding = Finding(id=id_, level=Level.FAIL, says=message, remedy=fix)
    return CheckResult(ok=False, message=message, fix=fix, facts={"findings": [finding.to_dict()]})
