"""What a person is known by, when two customers are found to be one: it all leads to the one who stays."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from customers import contacts
from models.customers import Customer, CustomerIdentity, LineLink


def move_identities(session: Session, gone: Customer, stays: Customer) -> None:
    """Hand over how `gone` is known, their place in LINE, and what `stays` does not say about themselves.

    The profiles are locked by the caller. Which menu the link should show now is the caller's too.
    """
    # The customer before identities and links: the order in which a conversation's flush locks them.
    _take_over(gone, stays)
    session.flush()
    for identity in session.scalars(
        select(CustomerIdentity).where(CustomerIdentity.customer_id == gone.id).order_by(CustomerIdentity.id)
    ).all():
        _hand_identity(identity, stays)
    contacts.hand_over(session, gone, stays)
    session.flush()
    for link in session.scalars(
        select(LineLink)
        .where(LineLink.clinic_id == gone.clinic_id, LineLink.customer_id == gone.id)
        .order_by(LineLink.user_index)
        .with_for_update()
        # Workers write links without the profile's lock: what this session has read before may be old.
        .execution_options(populate_existing=True)
    ).all():
        _hand_link(link, stays)
    session.flush()


def _take_over(gone: Customer, stays: Customer) -> None:
    if stays.display_name is None:
        stays.display_name = gone.display_name
    if stays.language is None:
        stays.language, stays.language_chosen = gone.language, gone.language_chosen
    if stays.birth_month_day is None:
        stays.birth_month_day = gone.birth_month_day
    if stays.joined_at is None:
        stays.joined_at = gone.joined_at


# A sealed value opens with its owner's key only: it is read before the owner changes, and sealed anew after.


def _hand_identity(identity: CustomerIdentity, stays: Customer) -> None:
    value = identity.value
    identity.customer_id, identity.customer = stays.id, stays
    identity.value = value


def _hand_link(link: LineLink, stays: Customer) -> None:
    user_id = link.user_id
    link.customer_id, link.customer = stays.id, stays
    link.user_id = user_id
