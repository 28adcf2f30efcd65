Attribute VB_Name = "PerfLaunch"
Option Explicit
' Starts perfsheet on the workbook in front and returns at once: perfsheet itself writes into the
' open workbook and into the status bar. The only module that starts a program.

Public Function PerfPing() As String
    PerfPing = "PerfLaunch"
End Function

' Where the program is. `perfsheet addin install` writes its path between the quotation marks;
' without one, the environment variable PERFSHEET_CLI counts, then perfsheet on the PATH.
Private Function ProgramPath() As String
    ProgramPath = ""
    If ProgramPath = "" Then ProgramPath = Environ("PERFSHEET_CLI")
    If ProgramPath = "" Then ProgramPath = "perfsheet"
End Function

Public Sub PerfStart(ByVal order As String)
    Dim book As String
    On Error GoTo Failed
    book = BookInFront()
    If book = "" Then
        Application.StatusBar = "perfsheet: open a workbook first, then press again"
        Exit Sub
    End If
    Application.StatusBar = "perfsheet: starting " & order & " of " & book
    StartProgram order, book
    Exit Sub
Failed:
    Application.StatusBar = False
    MsgBox "perfsheet could not be started (" & Err.Description & "). Run perfsheet doctor in a terminal: it says why.", vbExclamation, "perfsheet"
End Sub

Public Sub PerfExplain()
    MsgBox "Validate: what is wrong, by cell, in the tab Checks." & vbLf & _
        "Score: Summary, Adjustments and Checks, made anew." & vbLf & _
        "Preview: which cells Apply would change. Nothing changes yet." & vbLf & _
        "Apply: puts the adjustments that you accepted into Goals, each with a row in History." & vbLf & _
        "Restore last: takes the last Apply back." & vbLf & vbLf & _
        "Nothing leaves this computer. In a terminal, perfsheet doctor says what is wrong with the set-up.", _
        vbInformation, "perfsheet"
End Sub

Private Function BookInFront() As String
    On Error Resume Next
    BookInFront = ActiveWorkbook.Name
End Function

Private Sub StartProgram(ByVal order As String, ByVal book As String)
    Dim task As String
#If Mac Then
    ' Asked at run time too: LibreOffice reads the lines of #If as if they were not there.
    If InStr(Application.OperatingSystem, "Mac") > 0 Then
        Dim answer As String
        answer = AppleScriptTask("perfsheet.applescript", "startPerfsheet", order & vbTab & book)
        If answer <> "" Then Err.Raise vbObjectError + 1, "perfsheet", answer
        Exit Sub
    End If
#End If
    If InStr(book, Chr(34)) > 0 Then Err.Raise vbObjectError + 1, "perfsheet", "a quotation mark in the workbook's name"
    task = Chr(34) & ProgramPath() & Chr(34) & " live " & order & " --book " & Chr(34) & book & Chr(34)
    If InStr(Application.OperatingSystem, "Windows") > 0 Then
        ' Takes names in letters of every alphabet, and shows no console window.
        CreateObject("WScript.Shell").Run task, 0, False
    Else
        Shell task, vbHide
    End If
End Sub
