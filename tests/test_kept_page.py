"""`/kept` says what is kept, and for as long as the hub's own setting says."""

from pathlib import Path

import pytest
from desk import nothing_to_load
from fastapi.testclient import TestClient

from server.app import assemble, create_app
from server.holder import Holder
from server.i18n import INTERFACE_LANGUAGES
from server.settings import Settings


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
@pytest.mark.parametrize("days", [1, 37])
def test_it_names_the_hubs_own_number_of_days(tmp_path: Path, language: str, days: int) -> None:
    app = assemble(
        Holder(nothing_to_load, lambda: None),
        tmp_path,
        settings=Settings(home=tmp_path, retention_days=days),
    )
    page = TestClient(app).get(f"/kept?ui={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert "diwan_briefing" in page.text
    assert "diwan_desk" in page.text
    assert "diwan forget" in page.text
    if days > 1:
        assert str(days) in page.text.partition("<main")[2]


def test_the_setting_reaches_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIWAN_HOME", str(tmp_path))
    monkeypatch.setenv("DIWAN_RETENTION_DAYS", "41")
    assert "41 days" in TestClient(create_app()).get("/kept?ui=en").text


def test_it_sets_no_cookie_and_needs_nothing_to_serve(tmp_path: Path) -> None:
    app = assemble(Holder(nothing_to_load, lambda: None), tmp_path)
    page = TestClient(app).get("/kept")
    assert not page.cookies
    assert "365 days" in page.text
    assert not (tmp_path / "diwan.sqlite").exists()
