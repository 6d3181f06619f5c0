"""The form with which a guest claims the account, for pages that show it beside other things."""

from __future__ import annotations

from django import template

from apps.web.forms.guests import ClaimForm

register = template.Library()


@register.inclusion_tag("web/parts/claim.html", takes_context=True)
def claim_card(context: template.Context) -> dict[str, object]:
    """Show the form, empty; what is wrong with it shows on a page of its own."""
    return {"form": ClaimForm(), "csrf_token": context.get("csrf_token")}
