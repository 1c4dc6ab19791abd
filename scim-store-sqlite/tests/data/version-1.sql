-- What a file of version 1 held, as the store wrote it then: two users (one with a password that was
-- kept as a digest, one that was changed), one that was deleted, and a group of the first.
INSERT INTO resource VALUES(1,'','User','01a203c3-f4c7-7692-9488-9740d7594d1a',1,1,1795359503560303,1795359503560303,'BJensen@example.com','{"active":true,"emails":[{"primary":true,"type":"work","value":"bjensen@example.com"}],"name":{"familyName":"Jensen","givenName":"Barbara"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Tours"},"userName":"BJensen@example.com"}','{"password":"digest of 11 letters"}');
INSERT INTO resource VALUES(2,'','User','01a203c3-f4d0-72c5-a03f-f14e0a57722f',2,2,1795359503568197,1795359503596040,'jsmith','{"externalId":"42","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"title":"Guide","userName":"jsmith"}','');
INSERT INTO resource VALUES(4,'','Group','01a203c3-f4e1-7614-b4d7-d34fa89ea506',2,1,1795359503585832,1795359503626876,'Tour Guides','{"displayName":"Tour Guides","schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}','');
INSERT INTO tally VALUES('','Group',1);
INSERT INTO tally VALUES('','User',2);
INSERT INTO claim VALUES('','User','userName',X'626a656e73656e406578616d706c652e636f6d',1);
INSERT INTO claim VALUES('','User','userName',X'6a736d697468',2);
INSERT INTO value VALUES('',0,0,X'626a656e73656e406578616d706c652e636f6d',1);
INSERT INTO value VALUES('',0,0,X'6a736d697468',2);
INSERT INTO value VALUES('',1,0,X'3432',2);
INSERT INTO value VALUES('',1,1,X'',1);
INSERT INTO value VALUES('',2,1,X'',1);
INSERT INTO value VALUES('',2,1,X'',2);
INSERT INTO value VALUES('',3,0,X'626a656e73656e406578616d706c652e636f6d',1);
INSERT INTO value VALUES('',4,1,X'',4);
INSERT INTO value VALUES('',5,0,X'746f757220677569646573',4);
INSERT INTO list VALUES(1,'',4,'Group.members');
INSERT INTO edge VALUES(1,1);
INSERT INTO fingerprint VALUES(1,replace('keys 1\nindex 0 User userName UserName\nindex 1 User externalId CaseExact\nindex 2 User displayName CaseFolded\nindex 3 User emails.value CaseFolded\nunique User userName UserName\nhidden User password CaseFolded\nindex 4 Group externalId CaseExact\nindex 5 Group displayName CaseFolded\n','\n',char(10)));
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('resource',4);
INSERT INTO sqlite_sequence VALUES('list',1);
PRAGMA application_id = 0x5343494D;
PRAGMA user_version = 1;
