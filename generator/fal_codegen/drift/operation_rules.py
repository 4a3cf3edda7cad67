"""The rules about endpoints and their operations: paths, prices, parameters, bodies, responses."""

from __future__ import annotations

from dataclasses import dataclass

from fal_codegen.document.models import Direction
from fal_codegen.drift.rule_types import Presence, Removal, RequiredOrOptional, Rule
from fal_codegen.history import Level


@dataclass(frozen=True)
class _Topic:
    """A topic of rules about operations: a change `forth` is reverted by one `back`."""

    name: str
    direction: Direction | None = None

    def forth(self, level: Level, id: str, message: str) -> Rule:
        return Rule(id, level, self.direction, message, self.name, 1)

    def back(self, level: Level, id: str, message: str) -> Rule:
        return Rule(id, level, self.direction, message, self.name, -1)


def _alone(level: Level, id: str, message: str, direction: Direction | None = None) -> Rule:
    """Return a rule for changes that the same rule reverts."""
    return Rule(id, level, direction, message, topic=id)


_BREAKING, _ADDITIVE, _COSMETIC = Level.BREAKING, Level.ADDITIVE, Level.COSMETIC

# the endpoint as a whole
_endpoint = _Topic("endpoint")
ENDPOINT = Presence(
    _endpoint.forth(_ADDITIVE, "endpoint-new", "the endpoint was added"),
    _endpoint.back(_BREAKING, "endpoint-gone", "the endpoint was removed"),
)
OPERATION_ADDED = _endpoint.forth(_ADDITIVE, "endpoint-added", "the operation was added")
OPERATION_REMOVED = Removal(
    _endpoint.back(
        _BREAKING, "api-removed-with-deprecation", "the deprecated operation was removed"
    ),
    _endpoint.back(_BREAKING, "api-removed-without-deprecation", "the operation was removed"),
)
PATH_REMOVED = Removal(
    _endpoint.back(
        _BREAKING, "api-path-removed-with-deprecation", "the deprecated path was removed"
    ),
    _endpoint.back(_BREAKING, "api-path-removed-without-deprecation", "the path was removed"),
)
_deprecation = _Topic("deprecation")
ENDPOINT_DEPRECATED = _deprecation.forth(
    Level.BEHAVIOURAL, "endpoint-deprecated", "it is now deprecated"
)
ENDPOINT_REACTIVATED = _deprecation.back(
    _ADDITIVE, "endpoint-reactivated", "it is no longer deprecated"
)
_server = _Topic("server")
SERVER = Presence(
    _server.forth(_ADDITIVE, "api-server-added", "the server {new} was added"),
    _server.back(_BREAKING, "api-server-removed", "the server {old} was removed"),
)
SERVERS_CHANGED = _alone(
    _COSMETIC,
    "api-servers-changed",
    "the servers in fal's document changed from {old} to {new}",
)
_security = _Topic("security")
SECURITY_ADDED = _security.forth(
    _BREAKING, "api-security-added", "authentication by {new} is now required"
)
SECURITY_ALTERNATIVE_ADDED = _security.forth(
    _ADDITIVE, "api-security-alternative-added", "authentication by {new} is now sufficient"
)
SECURITY_REMOVED = _security.back(
    _BREAKING, "api-security-removed", "authentication by {old} is no longer sufficient"
)
SECURITY_CHANGED = _alone(
    _COSMETIC,
    "api-security-changed",
    "the authentication in fal's document changed from {old} to {new}",
)
CALLBACKS_CHANGED = _alone(Level.BEHAVIOURAL, "callbacks-changed", "callbacks or webhooks changed")
OPERATION_ID_CHANGED = _alone(
    _COSMETIC, "api-operation-id-changed", "the operation id changed from {old} to {new}"
)
TAGS_CHANGED = _alone(_COSMETIC, "api-tags-changed", "the tags changed")
ENDPOINT_DESCRIPTION_CHANGED = _alone(
    _COSMETIC, "endpoint-description-changed", "the description changed"
)
INFO_CHANGED = _alone(_COSMETIC, "api-info-changed", "the key {new} of the document's info changed")

# prices
_price = _Topic("price")
PRICE_INCREASED = _price.forth(
    Level.PRICE, "price-increased", "the price increased from {old} to {new}"
)
PRICE_DECREASED = _price.back(
    Level.PRICE, "price-decreased", "the price decreased from {old} to {new}"
)
PRICE_CHANGED = _alone(Level.PRICE, "price-changed", "the price changed from {old} to {new}")
PRICE_REMOVED = _alone(Level.PRICE, "price-removed", "fal no longer lists a price; it was {old}")

# bodies and parameters of requests
_body = _Topic("body", Direction.INPUT)
BODY_ADDED = RequiredOrOptional(
    _body.forth(_BREAKING, "request-body-added-required", "a required body was added"),
    _body.forth(_ADDITIVE, "request-body-added-optional", "an optional body was added"),
)
BODY_REMOVED = _body.back(_BREAKING, "request-body-removed", "the body was removed")
BODY_BECAME = RequiredOrOptional(
    _body.forth(_BREAKING, "request-body-became-required", "the body became required"),
    _body.back(_ADDITIVE, "request-body-became-optional", "the body became optional"),
)
_request_media_type = _Topic("media-type", Direction.INPUT)
REQUEST_MEDIA_TYPE = Presence(
    _request_media_type.forth(
        _ADDITIVE,
        "request-body-media-type-added",
        "bodies of the media type {new} are now accepted",
    ),
    _request_media_type.back(
        _BREAKING,
        "request-body-media-type-removed",
        "bodies of the media type {old} are no longer accepted",
    ),
)
_parameter = _Topic("parameter", Direction.INPUT)
PARAMETER_ADDED = RequiredOrOptional(
    _parameter.forth(_BREAKING, "new-required-request-parameter", "a new required parameter"),
    _parameter.forth(_ADDITIVE, "new-optional-request-parameter", "a new optional parameter"),
)
PARAMETER_REMOVED = _parameter.back(
    _BREAKING, "request-parameter-removed", "the parameter was removed"
)
PARAMETER_STYLE_CHANGED = _alone(
    _BREAKING,
    "request-parameter-style-changed",
    "it is now serialized as {new} instead of {old}",
    Direction.INPUT,
)

# responses and their headers
_success_status = _Topic("success-status", Direction.OUTPUT)
SUCCESS_STATUS = Presence(
    _success_status.forth(_ADDITIVE, "response-success-status-added", "the status {new} was added"),
    _success_status.back(
        _BREAKING, "response-success-status-removed", "the status {old} was removed"
    ),
)
_other_status = _Topic("other-status", Direction.OUTPUT)
OTHER_STATUS = Presence(
    _other_status.forth(
        _ADDITIVE, "response-non-success-status-added", "the status {new} is now documented"
    ),
    _other_status.back(
        _ADDITIVE,
        "response-non-success-status-removed",
        "the status {old} is no longer documented",
    ),
)
_response_media_type = _Topic("media-type", Direction.OUTPUT)
RESPONSE_MEDIA_TYPE = Presence(
    _response_media_type.forth(
        _ADDITIVE, "response-media-type-added", "the media type {new} was added"
    ),
    _response_media_type.back(
        _BREAKING, "response-media-type-removed", "the media type {old} was removed"
    ),
)
_header = _Topic("header", Direction.OUTPUT)
HEADER_ADDED = _header.forth(_ADDITIVE, "response-header-added", "a new header")
HEADER_REMOVED = RequiredOrOptional(
    _header.back(_BREAKING, "required-response-header-removed", "the header was removed"),
    _header.back(_BREAKING, "optional-response-header-removed", "the header was removed"),
)
HEADER_BECAME = RequiredOrOptional(
    _header.forth(_ADDITIVE, "response-header-became-required", "the header became required"),
    _header.back(_BREAKING, "response-header-became-optional", "the header became optional"),
)
