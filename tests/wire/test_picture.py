"""The picture of README.md is what its story draws today."""

from scenarios.model import Placement
from scenarios.reports.picture_report import draw_picture
from tests.wire.telling import LIBRARY, library, tell

PICTURE = LIBRARY.parent / "reports" / "story.svg"
STORY = "ipn_late_and_three_times"


async def test_the_readme_shows_what_its_story_draws() -> None:
    story = next(one for one in library(Placement.HERE) if one.source.stem == STORY)

    drawn = draw_picture((await tell(story)).ended)

    assert PICTURE.read_text("utf-8") == drawn, (
        f"draw it anew: gatewright run scenarios/library/sslcommerz/{STORY}.yaml --picture scenarios/reports/story.svg"
    )
