"""A language that a clinic gives up, and takes up again."""

from customers.voice import language_of
from models.customers import Customer
from tests.clinics.conftest import Desk


def test_who_spoke_a_language_that_ends_is_counted_and_keeps_what_they_chose(desk: Desk) -> None:
    ken, mali, gone = (desk.member(number).id for number in (1, 2, 3))
    for person, language in ((ken, "en"), (mali, "th"), (gone, "en")):
        desk.session.get_one(Customer, (person, desk.clinic.id)).language = language
    desk.session.get_one(Customer, (gone, desk.clinic.id)).merged_into = ken
    desk.write("languages: [th, en]", "languages: [th]")
    assert desk.changes() == ["voice.languages: th, en → th"]
    said = "1 person is spoken to in en, and will be in th. Their choice is kept, should en come back."
    assert desk.differs().notes == (said,)
    desk.apply()
    customer = desk.session.get_one(Customer, (ken, desk.clinic.id))
    assert (customer.language, language_of(desk.clinic, customer).code) == ("en", "th")
    desk.write("languages: [th]", "languages: [en, th]")
    assert desk.differs().notes == ()
    desk.apply()
    assert language_of(desk.clinic, customer).code == "en"
    assert language_of(desk.clinic, None).code == "en"
    assert "languages:\n    - en\n    - th\n" in desk.export()
