# What a user sets for several instances. The comment behind a line of the object says what it is.

variable "shards" {
  description = "Several instances that read a long past at once; instances = 0 leaves it to the scheduled pass"
  type = object({
    instances             = optional(number, 0)           # how many; the function may then have one more, for the scheduled pass
    queue                 = optional(string, "langsmith") # name of the queue; after a deletion it is taken for days
    dispatches_per_second = optional(number, 5)           # tasks begun in a second at most
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.shards.instances >= 0 && var.shards.instances <= 20 && floor(var.shards.instances) == var.shards.instances
    error_message = "shards.instances: a whole number from 0 to 20."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,500}$", var.shards.queue))
    error_message = "shards.queue: letters, digits and hyphens."
  }
  validation {
    condition     = var.shards.dispatches_per_second > 0 && var.shards.dispatches_per_second <= 500
    error_message = "shards.dispatches_per_second: more than 0, at most 500."
  }
  validation {
    condition     = var.shards.instances == 0 || var.sync != null
    error_message = "shards.instances: needs `sync`, whose past they read."
  }
}
