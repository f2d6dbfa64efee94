"""The inbox of the sync, and the rules that came of it."""

from rest_framework.request import Request
from rest_framework.response import Response

from causeway.base.scope import as_uuid
from flows.api.shapes.common import CURSOR, ENVIRONMENT, LIMIT, WORKSPACE, described, page_of, query
from flows.api.shapes.sync import (
    CONFLICT_STATES,
    KINDS,
    ConflictShape,
    DecidedManyShape,
    DecidedShape,
    DecideManyShape,
    DecideShape,
    SyncRuleShape,
)
from flows.api.view import ApiView, listing
from flows.services import conflicts as service
from flows.services.links import look_again


class ConflictsView(ApiView):
    """/conflicts"""

    @described(
        "The inbox of an environment, newest first",
        answers={200: page_of(ConflictShape)},
        parameters=[
            ENVIRONMENT,
            query("state", "Only entries in this state", enum=CONFLICT_STATES),
            query("kind", "Only entries of this kind", enum=KINDS),
            query("entity", "Only entries of this entity"),
            CURSOR,
            LIMIT,
            WORKSPACE,
        ],
        tag="sync",
        operation="conflicts_list",
    )
    def get(self, request: Request) -> Response:
        given = {name: request.query_params.get(name, "") for name in ("state", "kind", "entity")}
        found = service.list_conflicts(self.actor, self.environment, **given)
        page, next_ = self.page(request, found)
        return listing(service.conflict_rows(self.actor, page), next_=next_)


class ConflictView(ApiView):
    """/conflicts/{id}"""

    @described(
        "One entry: both sides and the base, field by field",
        answers={200: ConflictShape},
        tag="sync",
        operation="conflicts_get",
    )
    def get(self, request: Request, conflict_id: str) -> Response:
        found = service.find_conflict(self.actor, as_uuid(conflict_id, "conflict"))
        [row] = service.conflict_rows(self.actor, [found])
        return Response(row)


class ConflictDecideView(ApiView):
    """/conflicts/{id}/decide"""

    @described(
        "Decide field by field; the record is looked at again",
        request=DecideShape,
        answers={200: DecidedShape},
        errors=(401, 403, 404, 409, 422),
        tag="sync",
        operation="conflicts_decide",
    )
    def post(self, request: Request, conflict_id: str) -> Response:
        given = DecideShape(data=request.data)
        given.is_valid(raise_exception=True)
        decided = service.decide(
            self.actor,
            service.find_conflict(self.actor, as_uuid(conflict_id, "conflict")),
            [service.Decided(**one) for one in given.validated_data["decisions"]],
            remember=given.validated_data["remember"],
        )
        looked_at = decided.state != "open" and look_again(self.actor, decided.link)
        [row] = service.conflict_rows(self.actor, [decided])
        return Response({**row, "looked_at": looked_at})


class ConflictsDecideView(ApiView):
    """/conflicts/decide"""

    @described(
        "Decide many entries alike: one side wins all their fields",
        request=DecideManyShape,
        answers={200: DecidedManyShape},
        parameters=[WORKSPACE],
        errors=(401, 403, 404, 409, 422),
        tag="sync",
        operation="conflicts_decide_many",
    )
    def post(self, request: Request) -> Response:
        given = DecideManyShape(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        environment = self.environment_named(wanted.pop("environment"))
        ids = wanted.pop("ids")
        told = service.decide_many(self.actor, environment, ids, **wanted)
        for one in service.visible_to(self.actor).filter(pk__in=told["decided"]):
            look_again(self.actor, one.link)
        return Response(told)


class SyncRulesView(ApiView):
    """/sync-rules"""

    @described(
        "Decisions that were remembered",
        answers={200: page_of(SyncRuleShape)},
        parameters=[CURSOR, LIMIT, WORKSPACE],
        tag="sync",
        operation="sync_rules_list",
    )
    def get(self, request: Request) -> Response:
        page, next_ = self.page(request, service.list_rules(self.actor, self.workspace))
        return listing([service.rule_row(one) for one in page], next_=next_)


class SyncRuleView(ApiView):
    """/sync-rules/{id}"""

    @described(
        "Forget a rule: from now on a person is asked again",
        answers={204: None},
        parameters=[WORKSPACE],
        errors=(401, 403, 404),
        tag="sync",
        operation="sync_rules_delete",
    )
    def delete(self, request: Request, rule_id: str) -> Response:
        service.forget_rule(self.actor, self.workspace, as_uuid(rule_id, "rule"))
        return Response(status=204)
