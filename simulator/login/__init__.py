"""LINE Login and LIFF, as the product and a browser meet them."""
