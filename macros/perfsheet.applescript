-- Starts perfsheet for the add-in: Excel on macOS may start no program by itself, but may ask a
-- script in the user's own Application Scripts folder. Any macro may ask it, so it takes one of
-- five orders and a workbook's name, and nothing that a shell would understand.

property programPath : ""

on startPerfsheet(request)
	set AppleScript's text item delimiters to tab
	set orderWords to text item 1 of request
	set bookName to text item 2 of request
	set AppleScript's text item delimiters to ""
	if orderWords is not in {"validate", "score", "apply", "apply --dry-run", "restore"} then return "the order is unknown"
	if programPath is "" then return "the program's path is missing: run perfsheet addin install"
	try
		do shell script "test -x " & quoted form of programPath
	on error
		return "there is no program at " & programPath & ": run perfsheet addin install"
	end try
	do shell script quoted form of programPath & " live " & orderWords & " --book " & quoted form of bookName & " >/dev/null 2>&1 &"
	return ""
end startPerfsheet
