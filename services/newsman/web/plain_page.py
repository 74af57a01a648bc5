"""Pages of one template with one style sheet: no script, and nothing is loaded."""

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from newsman.web.security_headers import style_only_policy


class PlainPage:
    """`NAME.html` and `NAME.css` of a package's folder `templates`.

    `forms` is where the page's forms lead, as a policy has it (CSP level 3, section 6.4.1);
    `names` are what the template may use beside what is rendered.
    """

    def __init__(self, package: str, name: str, *, forms: str = "'none'", **names: Any) -> None:
        folder = files(package).joinpath("templates")
        style = folder.joinpath(f"{name}.css").read_text(encoding="utf-8")
        environment = Environment(
            loader=PackageLoader(package),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.globals.update(names, style=style)
        self._template = environment.get_template(f"{name}.html")
        self.headers = {
            "Content-Security-Policy": style_only_policy(style, forms=forms),
            "Cache-Control": "no-store",
        }
        """Headers that allow the page's own style and its forms, and keep it out of caches."""

    def render(self, **content: Any) -> str:
        """The page."""
        return self._template.render(**content)
