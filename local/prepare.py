"""The tables in their newest form and the demo clinic: `python -m local.prepare`. Running it again changes nothing.

Apart from the product's own commands because importing all of the product takes longer than this work.
"""

from local import demo
from models import migrations

if __name__ == "__main__":
    settings = demo.told()
    migrations.upgrade(settings.database_url)
    demo.fill(settings)
