// The form of an import: columns to confirm, what a file would do, questions, progress, files to download.
import "./ledger_import/form";
