"""Service orders, activities, volunteers and wishes. Knows structure and ledger."""
