"""The back office's theme (Unfold): name, colours, languages, menus. Star-imported by the settings."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _style(request: HttpRequest) -> str:
    return static("css/office.css")


def _charts(request: HttpRequest) -> str:
    return static("css/charts.css")


def _once(request: HttpRequest) -> str:
    return static("js/once.js")


def _icon(request: HttpRequest) -> str:
    return static("img/mark.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("农安信用"),
    "SITE_HEADER": _("农安信用"),
    "SITE_SUBHEADER": _("工作台"),
    "SITE_URL": "/",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "STYLES": [_style, _charts],
    "SCRIPTS": [_once],
    "DASHBOARD_CALLBACK": "agricredit.pages.office.home.dashboard",
    "SIDEBAR": {"navigation": "agricredit.pages.office.navigation.navigation"},
    "ACCOUNT": {
        "navigation": [
            {"title": _("二次验证与恢复码"), "link": reverse_lazy("mfa_index")},
            {"title": _("修改密码"), "link": reverse_lazy("account_change_password")},
        ]
    },
    # Ink, tint, rule and the one green: 600 carries white text, 500 stands on dark ground.
    "COLORS": {
        "base": {
            "50": "#f6f9f7",
            "100": "#eef3f0",
            "200": "#d5ddd8",
            "300": "#bfcac4",
            "400": "#93a099",
            "500": "#5b6762",
            "600": "#46524c",
            "700": "#36403b",
            "800": "#26302b",
            "900": "#16201b",
            "950": "#0d1410",
        },
        "primary": {
            "50": "#f0f8f3",
            "100": "#dcefe3",
            "200": "#b9dfc9",
            "300": "#8ac9a5",
            "400": "#55b37f",
            "500": "#35a76b",
            "600": "#0b6b3a",
            "700": "#09582f",
            "800": "#084826",
            "900": "#073b20",
            "950": "#032112",
        },
        "font": {
            "subtle-light": "var(--color-base-500)",
            "subtle-dark": "var(--color-base-400)",
            "default-light": "var(--color-base-700)",
            "default-dark": "var(--color-base-300)",
            "important-light": "var(--color-base-900)",
            "important-dark": "var(--color-base-100)",
        },
    },
}
