package model

import "time"

// Event is a line of the audit trail. Its words are those of the project's
// vocabulary (docs/fields.md): Actor is user, Object is target.
type Event struct {
	ID        int64
	Time      time.Time
	Actor     string // a username, "" = a guest or the program itself
	Action    string // one of Actions
	Object    string // "ticket/SUP-1488", "archive/17", "user/ivan"
	Outcome   string // one of the outcomes below
	ClientIP  string
	UserAgent string
	Detail    string // key=value pairs, or why it failed
}

// The outcomes of events, words of docs/outcomes.md.
const (
	OutcomeSuccess  = "success"
	OutcomeFailure  = "failure"
	OutcomeRejected = "rejected"     // a rule or a limit turned it away
	OutcomeLockout  = "lockout"      // too many wrong passwords or codes
	OutcomeAdmin    = "admin_change" // an account, a platform or a setting was changed
)

// The actions of events.
const (
	ActionAuth           = "Auth" // every login
	ActionLogout         = "Logout"
	ActionSecondFactor   = "SecondFactor" // a code or passkey was asked for
	ActionPassword       = "ChangePassword"
	ActionProfile        = "ModifyProfile"
	ActionFactorAdd      = "AddSecondFactor"
	ActionFactorRemove   = "RemoveSecondFactor"
	ActionFactorRename   = "RenameSecondFactor"
	ActionBackupCodes    = "CreateBackupCodes"
	ActionAPITokenCreate = "CreateAPIToken"
	ActionAPITokenDelete = "DeleteAPIToken"
	ActionAPITokenRename = "RenameAPIToken"
	ActionIdentityLink   = "LinkIdentity" // of an issuer of OpenID Connect
	ActionIdentityUnlink = "UnlinkIdentity"

	ActionUserCreate = "CreateUser"
	ActionUserModify = "ModifyUser"
	ActionUserDelete = "DeleteUser"

	ActionPlatformCreate = "CreatePlatform"
	ActionPlatformModify = "ModifyPlatform"
	ActionPlatformDelete = "DeletePlatform"

	ActionTicketCreate = "CreateTicket"
	ActionTicketModify = "ModifyTicket"
	ActionTicketDelete = "DeleteTicket"
	ActionTokenRotate  = "RotateToken"
	ActionTokenRevoke  = "RevokeToken"

	ActionUpload          = "Upload"       // admitted, or refused
	ActionUploadDone      = "UploadDone"   // an archive is there
	ActionUploadFailed    = "UploadFailed" // the attempt is gone, or given back
	ActionArchiveDownload = "DownloadArchive"
	ActionArchiveModify   = "ModifyArchive"
	ActionArchiveDelete   = "DeleteArchive"
	ActionImportAsk       = "AskImport"
	ActionImport          = "Import" // how it ended
	ActionQuestion        = "Question"
	ActionReport          = "ReadReport"

	ActionRetention = "Retention" // deleted by age
	ActionBackup    = "Backup"
	ActionRestore   = "Restore"
	ActionMigrate   = "Migrate"
	ActionCleanup   = "Cleanup"
	ActionStart     = "Start"
	ActionStop      = "Stop"
)

// Actions are all of them, for lists to choose from.
var Actions = []string{
	ActionAuth, ActionLogout, ActionSecondFactor, ActionPassword, ActionProfile, ActionFactorAdd, ActionFactorRemove, ActionFactorRename,
	ActionBackupCodes, ActionAPITokenCreate, ActionAPITokenDelete, ActionAPITokenRename, ActionIdentityLink, ActionIdentityUnlink, ActionUserCreate, ActionUserModify, ActionUserDelete,
	ActionPlatformCreate, ActionPlatformModify, ActionPlatformDelete, ActionTicketCreate, ActionTicketModify,
	ActionTicketDelete, ActionTokenRotate, ActionTokenRevoke, ActionUpload, ActionUploadDone, ActionUploadFailed,
	ActionArchiveDownload, ActionArchiveModify, ActionArchiveDelete, ActionImportAsk, ActionImport, ActionQuestion,
	ActionReport, ActionRetention, ActionBackup, ActionRestore, ActionMigrate, ActionCleanup, ActionStart, ActionStop,
}
