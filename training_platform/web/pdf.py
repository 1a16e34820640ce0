"""Pages as PDF/UA files: tagged, in the language of the page, fetching nothing."""

from __future__ import annotations

from flask import Response, make_response

from training_platform.errors import RefusedError
from training_platform.text import Text


class NoPdfError(RefusedError):
    """The server has no library to lay pages out."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce serveur ne sait pas encore fabriquer de PDF : il lui manque la bibliothèque Pango (paquet libpangoft2-1.0-0). En attendant, imprimez la page depuis le navigateur.",
                "This server cannot make PDF files yet: the Pango library is missing (package libpangoft2-1.0-0). Meanwhile, print the page from the browser.",
            )
        )


def as_pdf(html: str, name: str) -> Response:
    """Return a page as a PDF to download; raise NoPdfError where Pango is missing.

    The page carries its own styles and pictures: no address is fetched, inside or outside.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise NoPdfError from error
    only_data = URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    content = HTML(string=html, url_fetcher=only_data).write_pdf(pdf_variant="pdf/ua-1")
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
