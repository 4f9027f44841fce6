# Where the standalone sync keeps its cursor and its lease: a database of its own, so that access can be given to it alone. Nothing
# in it expires: a few documents for each workspace, overwritten in place.

resource "google_firestore_database" "this" {
  count = var.sync == null ? 0 : 1

  project                 = var.project_id
  name                    = var.sync.firestore_database
  location_id             = coalesce(var.sync.firestore_location, var.region)
  type                    = "FIRESTORE_NATIVE"
  database_edition        = "STANDARD" # of the other edition, a database with MongoDB's API takes no request of this product's
  delete_protection_state = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy         = "DELETE" # a destroy deletes it, or is refused while protection is on; it is never left behind unseen

  dynamic "cmek_config" {
    for_each = var.kms_key.firestore[*]
    content {
      kms_key_name = cmek_config.value
    }
  }

  depends_on = [google_project_service.this]
}
