"""The admin panel at `/admin/`: who gets in, its sign-in, its content security policy and its first page."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.requests import caller
from apps.core.admin_panel.scoped import ScopedAdmin
from apps.core.errors import NotAllowed, ValidationFailed
from apps.web.admin_dashboard import dashboard_of

if TYPE_CHECKING:  # the theme's classes come without types
    from django.contrib.admin import AdminSite
else:
    from unfold.sites import UnfoldAdminSite as AdminSite

View = Callable[..., Any]

# The theme's menus are expressions in attributes, which its script library compiles, and it styles elements inline.
# Scripts still come from this server only.
RELAXED_POLICY = {"style-src": [UNSAFE_INLINE], "script-src": [UNSAFE_EVAL]}


class AdminPanel(AdminSite):
    """The panel for administrators and for whoever owns or manages a project."""

    index_title = "Dashboard"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in only classes that scope their rows; what other packages register for themselves stays out."""
        if admin_class is not None and issubclass(admin_class, ScopedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        """Let in who may; others sign in first, or are told why not."""
        guarded = csp_update(RELAXED_POLICY)(super().admin_view(view, cacheable))

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise NotAllowed(
                    "The admin panel is for people who manage a project. Its owner can make you a manager."
                )
            _refuse_null_characters(request)
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the product's sign-in page and back."""
        wanted = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            wanted = "/admin/"
        return redirect(wanted) if request.user.is_authenticated else redirect_to_login(wanted)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Sign out as everywhere in the product."""
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead to one's account, where passwords are changed."""
        return redirect("web:account")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Find a part of the panel by its name.

        Raises:
            ValidationFailed: a page of results is asked for; there is one only.
        """
        if request.GET.get("page", "1") != "1":
            raise ValidationFailed("There is one page of results.")
        found: HttpResponse = super().search(request, extra_context)  # type: ignore[misc]  # of the theme
        return found

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the dashboard."""
        context = {"dashboard": dashboard_of(caller(request)), **(extra_context or {})}
        return super().index(request, context)


def _refuse_null_characters(request: HttpRequest) -> None:
    """Refuse what the database cannot compare with anything.

    Raises:
        ValidationFailed: a parameter of the address holds a null character.
    """
    if any("\x00" in text for values in request.GET.lists() for text in (values[0], *values[1])):
        raise ValidationFailed("The address holds a null character.")
