Attribute VB_Name = "PerfRibbon"
Option Explicit
' What the buttons of customUI14.xml call: one line each.

Public Function PerfPing() As String
    PerfPing = "PerfRibbon"
End Function

Public Sub PerfValidate(control As IRibbonControl)
    PerfStart "validate"
End Sub

Public Sub PerfScore(control As IRibbonControl)
    PerfStart "score"
End Sub

Public Sub PerfPreview(control As IRibbonControl)
    PerfStart "apply --dry-run"
End Sub

Public Sub PerfApply(control As IRibbonControl)
    PerfStart "apply"
End Sub

Public Sub PerfRestore(control As IRibbonControl)
    PerfStart "restore"
End Sub

Public Sub PerfHelp(control As IRibbonControl)
    PerfExplain
End Sub
