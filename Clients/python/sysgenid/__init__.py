"""Renews random generators of an unchanged program when the system was resumed or cloned. See sysgenid.auto."""
