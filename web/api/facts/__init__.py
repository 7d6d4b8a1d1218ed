"""What the clinic's own systems tell: appointments, bills, courses; and under these addresses too what a till tells."""

from web.api.facts import appointments, courses, invoices
from web.api.loyalty import customers, facts
from web.http.problems import Kind, Kinds

PROBLEMS: Kinds = {
    "ends_before": Kind(
        409, "The appointment ends before it begins", "Look which of `startsAt` and `endsAt` is wrong."
    ),
    "unknown_course": Kind(404, "No such course", "Tell of it first, under `/courses`."),
}
RESOURCES = (
    appointments.resource,
    invoices.resource,
    courses.resource,
    customers.resource.again("Customers, as facts", prefix="/api/facts"),
    facts.resource.again("Payments, refunds and visits, as facts", prefix="/api/facts"),
)
