# What is deployed: main.py, langsmith_core/ and requirements.txt, and nothing else. A changed file changes the object's name, which
# deploys; unchanged files change nothing. Only files that git tracks are in it (bundle_files.tf): a stray one beside them is not.

locals {
  root = "${path.module}/.."

  # Of names and contents only: neither the zip's times nor its packer matter.
  bundle_hash = substr(sha256(join("\n", [
    for file in sort(local.bundle_files) : "${file} ${filesha256("${local.root}/${file}")}"
  ])), 0, 16)
}

data "archive_file" "bundle" {
  type        = "zip"
  output_path = "${path.module}/.bundle/${local.bundle_hash}.zip"

  dynamic "source" {
    for_each = toset(local.bundle_files)
    content {
      filename = source.value
      content  = file("${local.root}/${source.value}")
    }
  }
}

resource "google_storage_bucket" "bundle" {
  #checkov:skip=CKV_GCP_62: access logs of a bucket that holds this published code would need a second bucket and tell nothing
  name                        = "${var.project_id}-${var.name}"
  project                     = var.project_id
  location                    = var.region
  labels                      = local.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # holds copies of this folder's neighbours only

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_object" "bundle" {
  name   = "bundle-${local.bundle_hash}.zip"
  bucket = google_storage_bucket.bundle.name
  source = data.archive_file.bundle.output_path
}

# Images of the functions. A repository of its own, so that the builder may write here and nowhere else.
resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84: Google's own key encrypts images of published code well enough; a key of one's own would be one more thing to lose
  project       = var.project_id
  location      = var.region
  repository_id = var.name
  format        = "DOCKER"
  labels        = local.labels

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.this]
}
