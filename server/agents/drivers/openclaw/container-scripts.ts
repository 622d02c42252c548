/**
 * Small programs that work on the volume of an agent from inside a container of its own image, with
 * Node alone. `process.argv[1]` is where the volume is mounted.
 */
const start = `const fs=require('fs'),path=require('path');const root=process.argv[1];
const clear=dir=>{for(const entry of fs.existsSync(dir)?fs.readdirSync(dir):[])fs.rmSync(path.join(dir,entry),{recursive:true,force:true})};`

/** File that names what was handed over last time, in the workspace. */
const SYNCED = '.agentbot-synced.json'

/** Where the list of files to hand over waits for `syncScript`, relative to the volume. */
export const INCOMING = 'workspace/.agentbot-incoming.json'

/**
 * Makes the workspace hold the given files (JSON, `[{ path, content }]`) and takes away those of last
 * time that are no longer among them. Reads them from the file named by the second argument and removes
 * it where it can. Writes the paths that now exist as JSON.
 */
export const syncScript = `${start}
const dir=path.join(root,'workspace'),list=path.join(dir,'${SYNCED}');
const from=process.argv[2];const files=JSON.parse(fs.readFileSync(from,'utf8'));
try{fs.rmSync(from)}catch{}
fs.mkdirSync(dir,{recursive:true});
let before=[];try{before=JSON.parse(fs.readFileSync(list,'utf8'))}catch{}
const now=new Set(files.map(f=>f.path));
for(const name of before)if(!now.has(name)){fs.rmSync(path.join(dir,name),{force:true,recursive:true});
  try{fs.rmdirSync(path.dirname(path.join(dir,name)))}catch{}}
for(const {path:name,content} of files){const file=path.join(dir,name);fs.mkdirSync(path.dirname(file),{recursive:true});
  fs.writeFileSync(file+'.new',content);fs.renameSync(file+'.new',file)}
fs.writeFileSync(list,JSON.stringify([...now]));
process.stdout.write(JSON.stringify(files.map(f=>f.path).filter(name=>fs.existsSync(path.join(dir,name)))));`

/** Removes conversations, their archives and memory; files and skills stay. */
export const forgetScript = `${start}
clear(path.join(root,'state'));
for(const name of ['MEMORY.md','memory'])fs.rmSync(path.join(root,'workspace',name),{recursive:true,force:true});`

const data = `['home','state','workspace']`

/** Empties the folders of the volume. */
export const clearScript = `${start}
for(const name of ${data})clear(path.join(root,name));`

/** Packs the data into the archive named by the second argument, inside the volume, in place of earlier ones. */
export const packScript = `${start}
const file=path.join(root,process.argv[2]);fs.rmSync(path.dirname(file),{recursive:true,force:true});fs.mkdirSync(path.dirname(file),{recursive:true});
require('child_process').execFileSync('tar',['-czf',file,'-C',root,...${data}.filter(name=>fs.existsSync(path.join(root,name)))],{stdio:'inherit'});`

/** Puts the data back as they were packed. */
export const unpackScript = `${start}
for(const name of ${data})clear(path.join(root,name));
require('child_process').execFileSync('tar',['-xzf',path.join(root,process.argv[2]),'-C',root],{stdio:'inherit'});`
