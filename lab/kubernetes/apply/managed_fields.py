"""Who owns which fields of an object (metadata.managedFields).

https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from lab.kubernetes.apply.fields import Fields, changed, decode, encode, fields_of
from lab.kubernetes.resources import Resource


class Manager(NamedTuple):
    """An owner of fields: who, how (Apply or Update) and through which subresource."""

    name: str
    operation: str = "Update"
    subresource: str = ""


class Owners:
    """The owners of the fields of one object, each with its fields and when it last wrote."""

    def __init__(self, document: dict[str, Any], resource: Resource) -> None:
        self.resource = resource
        self.fields: dict[Manager, Fields] = {}
        self.times: dict[Manager, str] = {}
        for entry in document.get("metadata", {}).get("managedFields") or []:
            if "manager" in entry:
                manager = Manager(
                    entry["manager"], entry["operation"], entry.get("subresource", "")
                )
                self.fields[manager] = decode(entry["fieldsV1"])
                self.times[manager] = entry["time"]

    def update(self, manager: Manager, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Record a write that is no apply: what it changes belongs to the writer alone."""
        written, removed = changed(old, new, self.resource)
        for other in list(self.fields):
            taken = removed if other == manager else written | removed
            self.set(other, self.fields[other] - taken)
        if written:
            self.set(manager, self.fields.get(manager, frozenset()) | written, touch=True)

    def begin(self, document: dict[str, Any]) -> None:
        """Give an object that nobody owns to those who were there before the first apply."""
        if document and not self.fields:
            self.set(Manager("before-first-apply"), fields_of(document, self.resource), touch=True)

    def of_others(self, manager: Manager) -> Fields:
        """Return the fields that belong to others."""
        return frozenset().union(*(f for other, f in self.fields.items() if other != manager))

    def set(self, manager: Manager, fields: Fields, touch: bool = False) -> None:
        """Give fields to an owner, and forget one that has none."""
        if not fields:
            self.fields.pop(manager, None)
            self.times.pop(manager, None)
            return
        if touch or fields != self.fields.get(manager):
            self.times[manager] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self.fields[manager] = fields

    def entries(self) -> list[dict[str, Any]]:
        """Return metadata.managedFields."""
        return [
            {
                "manager": manager.name,
                "operation": manager.operation,
                "apiVersion": self.resource.api_version,
                "time": self.times[manager],
                "fieldsType": "FieldsV1",
                "fieldsV1": encode(fields),
                **({"subresource": manager.subresource} if manager.subresource else {}),
            }
            for manager, fields in sorted(self.fields.items(), key=self._place)
        ]

    def _place(self, item: tuple[Manager, Fields]) -> tuple[str, ...]:
        manager, _ = item
        return manager.operation, self.times[manager], *manager
