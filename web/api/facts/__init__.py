"""What the clinic's own systems tell: appointments, treatments, bills, courses; and under these addresses too what a
till tells."""

from web.api.facts import appointments, courses, grants, guardians, invoices, treatments
from web.api.loyalty import customers, facts
from web.http.problems import Kind, Kinds

PROBLEMS: Kinds = {
    "same_person": Kind(409, "The two are one person", "Name two customers: everybody may do their own."),
    "owner_is_a_friend": Kind(
        409, "The customer gives it themselves", "Who is a friend in LINE gives it there, by their own word."
    ),
    "end_date_needed": Kind(409, "A minor's ends", "Send `until`, the day of the 20th birthday."),
    "end_date_wrong": Kind(409, "This is no end", "Send a day to come, no more than twenty years from now."),
    "of_age": Kind(409, "The customer is of age", "They have said that they are 20 or older: ask them."),
    "who_needed": Kind(409, "Nobody is named", "Send who the guardian is."),
    "evidence_needed": Kind(409, "There is no evidence", "Send where it is kept, or its number."),
    "unknown_guardian_consent": Kind(404, "There is no such consent", "Send an id that recording it has answered."),
    "unknown_grant": Kind(404, "There is no such grant", "Send an id that giving it has answered."),
    "contradiction": Kind(422, "This contradicts itself", "Send it again when it is put right; nothing was changed."),
    "unknown_course": Kind(404, "No such course", "Tell of it first, under `/courses`."),
}
RESOURCES = (
    appointments.resource,
    grants.resource,
    guardians.resource,
    invoices.resource,
    courses.resource,
    treatments.resource,
    customers.resource.again("Customers, as facts", prefix="/api/facts"),
    facts.resource.again("Payments, refunds and visits, as facts", prefix="/api/facts"),
)
