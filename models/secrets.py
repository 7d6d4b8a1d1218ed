"""What a clinic shares with others and shows nobody."""

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Sealing, sealed_text
from models.clinics import Clinic, OfClinic


class ClinicSecret(OfClinic, Sealing):
    """One secret, by the name under which `flask clinics secret` keeps it; under the clinic's key."""

    __tablename__ = "clinic_secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value_sealed: Mapped[bytes]

    value = sealed_text("clinic_secrets.value")

    def row_key(self) -> str:
        return self.name

    def key_owner(self) -> Clinic:
        return self.clinic
