"""The languages: their catalogues, and how dates, numbers and money are said in them."""
