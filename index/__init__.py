"""How passages are found: encoding, lexical analysis, fusion and generations."""
