"""Files as a destination: CSV, Parquet and workbooks for people."""
