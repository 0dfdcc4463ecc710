"""The API's roof: addresses, one form of error, the public look-up, the schema and its page."""
